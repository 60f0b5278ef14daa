using System.Numerics;

namespace StudioVault.Domain.Audit;

/// <summary>Leaves [<paramref name="Start"/>, <paramref name="End"/>) of a log, as the subtree over them.</summary>
public readonly record struct LeafRange(long Start, long End)
{
    /// <summary>
    /// The perfect subtrees that make it up, left to right: node <c>Index</c> of level <c>Level</c> covers leaves
    /// [Index·2^Level, (Index+1)·2^Level). A store of perfect nodes can answer any proof from these.
    /// </summary>
    public IEnumerable<(int Level, long Index)> PerfectNodes()
    {
        for (var start = Start; start < End;)
        {
            var level = BitOperations.Log2((ulong)(End - start));
            if (start != 0) level = Math.Min(level, BitOperations.TrailingZeroCount(start));
            yield return (level, start >> level);
            start += 1L << level;
        }
    }
}
