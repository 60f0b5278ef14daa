using StudioVault.Bench;

// Ratios beside a bare baseline, both measured in the same run, on the same server, in turns. No test asserts a time.
var wanted = args.Where(a => !a.StartsWith('-')).ToHashSet();
var quick = args.Contains("--quick");
await using var lab = await BenchLab.StartAsync();
Console.WriteLine($"StudioVault benchmarks, {Environment.ProcessorCount} cores{(quick ? ", quick" : "")}");
(string Name, Func<BenchLab, bool, Task<IReadOnlyList<Measure>>> Run)[] all =
[
    ("commits", AuditedCommits.RunAsync),
    ("publish", PublishToMany.RunAsync),
];
var missed = 0;
foreach (var (name, run) in all.Where(b => wanted.Count == 0 || wanted.Contains(b.Name)))
{
    foreach (var measure in await run(lab, quick))
    {
        Console.WriteLine(measure);
        if (!measure.Met) missed++;
    }
}

Console.WriteLine(missed == 0 ? "Every bar was met." : $"{missed} bars were missed.");
return missed == 0 ? 0 : 1;
