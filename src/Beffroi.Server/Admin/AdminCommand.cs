using System.CommandLine;
using Beffroi.Server.Admin.SignOn;

namespace Beffroi.Server.Admin;

/// <summary>'beffroi-server admin': the platform's administration without its portal.</summary>
internal sealed class AdminCommand : Command
{
    internal AdminCommand()
        : base("admin", "Administers the platform, beside a running server or without one.")
    {
        Add(new CreateOperator());
        Add(new CreateMember());
        Add(new CreateUser());
        Add(new AddRelyingParty());
        Add(new SetSignInProvider());
        Add(new ReplaceSigningKeys());
        Add(new SetProvisioning());
        Add(new ListProvisioning());
        Add(new RunProvisioning());
        Add(new ListMembers());
        Add(new SetQuota());
        Add(new IssueEnrolmentToken());
        Add(new ListDevices());
        Add(new RevokeDevice());
        Add(new ShowPlan());
        Add(new SetPlan());
        Add(new OrderWork());
        Add(new ListOrders());
        Add(new ListRuns());
        Add(new ShowJournal());
        Add(new CheckVaults());
        Add(new RebuildIndex());
    }
}
