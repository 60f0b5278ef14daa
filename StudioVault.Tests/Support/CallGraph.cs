using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace StudioVault.Tests.Support;

/// <summary>Which methods the compiled code of a method calls, its lambdas, local functions and async halves included.</summary>
internal static class CallGraph
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly Dictionary<short, OpCode> OpCodeOf = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => o.Value);

    /// <summary>Everything a method calls, itself and through methods of the same assembly that <paramref name="follow"/> allows.</summary>
    public static HashSet<MethodBase> Reach(MethodBase start, Func<MethodBase, bool> follow)
    {
        var (seen, reached, todo) = (new HashSet<MethodBase> { start }, new HashSet<MethodBase>(), new Queue<MethodBase>([start]));
        while (todo.TryDequeue(out var method))
        {
            foreach (var called in Calls(method))
            {
                reached.Add(called);
                if (follow(called) && seen.Add(called)) todo.Enqueue(called);
            }
        }

        return reached;
    }

    /// <summary>What the code of one method names: calls, constructors, delegates; of an async method, what its state machine does.</summary>
    public static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        if (method.GetCustomAttribute<StateMachineAttribute>() is { } machine)
        {
            var type = machine.StateMachineType;
            if (type.IsGenericTypeDefinition && method.DeclaringType is { IsGenericType: true } owner && type.GetGenericArguments().Length == owner.GetGenericArguments().Length) type = type.MakeGenericType(owner.GetGenericArguments());
            return type.GetMethods(All).SelectMany(Direct);
        }

        return Direct(method);
    }

    /// <summary>All methods and constructors of an assembly, generated ones too.</summary>
    public static IEnumerable<MethodBase> MethodsOf(Assembly assembly) => assembly.GetTypes().SelectMany(t => t.GetMethods(All).Cast<MethodBase>().Concat(t.GetConstructors(All)));

    /// <summary>The type a method was written in, of a lambda or a state machine the one around it.</summary>
    public static Type Home(MethodBase method)
    {
        var type = method.DeclaringType!;
        while (type.DeclaringType is { } outer && (type.Name.StartsWith('<') || type.GetCustomAttribute<CompilerGeneratedAttribute>() is not null)) type = outer;
        return type;
    }

    private static IEnumerable<MethodBase> Direct(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code) yield break;
        var (types, methods) = (method.DeclaringType is { IsGenericType: true } t ? t.GetGenericArguments() : null, method.IsGenericMethod ? method.GetGenericArguments() : null);
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xFE ? (short)(0xFE00 | code[at + 1]) : code[at];
            var op = OpCodeOf[value];
            at += op.Size;
            if (op.OperandType is OperandType.InlineMethod or OperandType.InlineTok)
            {
                MethodBase? called = null;
                try
                {
                    called = method.Module.ResolveMember(BitConverter.ToInt32(code, at), types, methods) as MethodBase;
                }
                catch (ArgumentException)
                {
                    // A signature that cannot be closed here: not a call we look for.
                }

                if (called is not null) yield return called is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericMethodDefinition() : called;
            }

            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }
}
