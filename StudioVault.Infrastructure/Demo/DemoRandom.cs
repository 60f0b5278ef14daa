using System.Security.Cryptography;
using System.Text;

namespace StudioVault.Infrastructure.Demo;

/// <summary>SplitMix64, seeded by a text: the same draws on every machine and run time.</summary>
internal sealed class DemoRandom(string seed)
{
    private ulong _state = BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(seed)));

    /// <summary>0 to <paramref name="bound"/> - 1.</summary>
    public int Below(int bound)
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return (int)((UInt128)z * (uint)bound >> 64);
    }

    /// <summary>Both ends included.</summary>
    public int Between(int least, int most) => least + Below(most - least + 1);

    public T Pick<T>(IReadOnlyList<T> list) => list[Below(list.Count)];
}
