using Beffroi.Identity.Access;
using Beffroi.Identity.SignIn;

namespace Beffroi.Fleet.Browse;

/// <summary>Wipes the keys that somebody had opened when a session of theirs is closed: who stole it must not go on
/// reading.</summary>
internal sealed class OpenedByPeople(SnapshotSessions sessions) : ISessionWatcher
{
    public void SessionsEnded(PersonId person) => sessions.Forget(Caller.ActorOf(person), shuts: true);
}
