namespace Beffroi.Fleet.Devices;

/// <summary>What a machine is; plans and alerts differ, since a laptop may be away for days.</summary>
public enum DeviceKind
{
    Fixed,
    Laptop,
    Server,
}

/// <summary>The names of the kinds in the database, in commands and on the wire.</summary>
public static class DeviceKindText
{
    public static string Of(DeviceKind kind) => kind switch
    {
        DeviceKind.Fixed => "fixed",
        DeviceKind.Laptop => "laptop",
        DeviceKind.Server => "server",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind of device."),
    };

    /// <exception cref="FormatException">Not one of the three names.</exception>
    public static DeviceKind Parse(string text) => text switch
    {
        "fixed" => DeviceKind.Fixed,
        "laptop" => DeviceKind.Laptop,
        "server" => DeviceKind.Server,
        _ => throw new FormatException($"'{text}' is not a kind of device; use fixed, laptop or server."),
    };
}
