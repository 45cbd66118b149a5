using Beffroi.Identity.Access;

namespace Beffroi.Identity.SignIn;

/// <summary>A module that keeps something for people while they are signed in.</summary>
public interface ISessionWatcher
{
    /// <summary>Sessions of a person are being closed, one or all, by somebody or by a rule. May come once too often: a
    /// change of the database that fails afterwards leaves them open.</summary>
    void SessionsEnded(PersonId person);
}
