namespace Beffroi.Protocol.Client;

/// <summary>Which proxy, if any, stands between the agent and the server.</summary>
public sealed record ProxyChoice
{
    private ProxyChoice(bool isUsed, Uri? address) => (IsUsed, Address) = (isUsed, address);

    /// <summary>What the system's settings, or HTTPS_PROXY, HTTP_PROXY and NO_PROXY, say.</summary>
    public static ProxyChoice System { get; } = new(isUsed: true, address: null);

    /// <summary>A direct connection, whatever the system says.</summary>
    public static ProxyChoice None { get; } = new(isUsed: false, address: null);

    /// <summary>Whether a proxy may be used at all.</summary>
    public bool IsUsed { get; }

    /// <summary>Address of the given proxy; null with <see cref="System"/> and <see cref="None"/>.</summary>
    public Uri? Address { get; }

    /// <summary>This proxy, for every request. Name and password may stand in the address.</summary>
    public static ProxyChoice Through(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new(isUsed: true, address);
    }
}
