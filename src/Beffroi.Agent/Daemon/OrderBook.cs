using Beffroi.Agent.Configuration;
using Beffroi.Protocol;
using Beffroi.Vault;

namespace Beffroi.Agent.Daemon;

/// <summary>The orders that were begun here, on the disk: none is begun twice, and each end is told once the server
/// hears it.</summary>
internal sealed class OrderBook(AgentHome home)
{
    private DaemonMemory _memory = DaemonMemory.Load(home);

    /// <summary>Made at the daemon's first start.</summary>
    internal Guid Installation => _memory.Installation;

    /// <summary>What else the daemon must not forget.</summary>
    internal DaemonMemory Memory
    {
        get => _memory;
        set
        {
            value.Save(home);
            _memory = value;
        }
    }

    /// <summary>What ended, and the server does not know it.</summary>
    internal IReadOnlyList<(Guid Id, OrderProgress Result)> Untold =>
        [.. _memory.Orders.Where(order => order.Result is not null).Select(order => (order.Id, order.Result!))];

    /// <summary>At the daemon's start: nothing runs yet, so what was begun was cut.</summary>
    internal void EndWhatWasCut() => Memory = _memory with
    {
        Orders =
        [
            .. _memory.Orders.Select(order => order with
            {
                Result = order.Result ?? DaemonJobs.Failed(
                    ErrorCode.WorkInterrupted, "The computer or the service was stopped before the end."),
            }),
        ],
    };

    internal bool Knows(Guid id) => _memory.Orders.Any(order => order.Id == id);

    /// <summary>Before the first step.</summary>
    internal void Begin(Guid id) => Memory = _memory with { Orders = [.. _memory.Orders, new BegunOrder(id, null)] };

    /// <summary>After the last one.</summary>
    internal void End(Guid id, OrderProgress result) => Memory = _memory with
    {
        Orders =
        [
            .. _memory.Orders.Select(order => order.Id == id ? order with { Result = result } : order),
        ],
    };

    /// <summary>The server knows its end, or it was never begun after all.</summary>
    internal void Forget(Guid id) => Memory = _memory with
    {
        Orders = [.. _memory.Orders.Where(order => order.Id != id)],
    };
}
