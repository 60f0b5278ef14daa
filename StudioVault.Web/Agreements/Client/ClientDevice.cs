using System.Net;
using System.Net.Sockets;

namespace StudioVault.Web.Agreements.Client;

/// <summary>Coarse facts about whoever signs: enough to recognise one's own phone, too little to follow anybody.</summary>
internal static class ClientDevice
{
    /// <summary>"phone, Safari".</summary>
    public static string Of(string? agent)
    {
        var text = agent ?? "";
        bool Has(string word) => text.Contains(word, StringComparison.Ordinal);
        var kind = Has("iPad") || (Has("Android") && !Has("Mobile")) ? "tablet" : Has("Mobi") || Has("iPhone") ? "phone" : "computer";
        var browser = Has("Edg") ? "Edge" : Has("Firefox") || Has("FxiOS") ? "Firefox" : Has("SamsungBrowser") ? "Samsung Internet" : Has("Chrome") || Has("CriOS") ? "Chromium" : Has("Safari") ? "Safari" : "another browser";
        return $"{kind}, {browser}";
    }

    /// <summary>The network without the machine: 192.0.2.0/24, 2001:db8:1::/48.</summary>
    public static string Network(IPAddress? address) => Masked(address, 24, 48);

    /// <summary>What counts as one visitor for limits: an address, with IPv6 the network of a household.</summary>
    public static string Visitor(IPAddress? address) => Masked(address, 32, 64);

    private static string Masked(IPAddress? address, int v4, int v6)
    {
        if (address is null) return "unknown";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? v4 : v6;
        var bytes = address.GetAddressBytes();
        for (var i = bits / 8; i < bytes.Length; i++) bytes[i] = 0;
        return $"{new IPAddress(bytes)}/{bits}";
    }
}
