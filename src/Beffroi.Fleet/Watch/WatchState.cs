namespace Beffroi.Fleet.Watch;

/// <summary>How a device stands; a worse one is greater.</summary>
public enum WatchState
{
    /// <summary>Protected.</summary>
    Good,

    /// <summary>Nothing is lost, but somebody should look.</summary>
    Attention,

    /// <summary>Somebody must act today.</summary>
    Action,
}
