using Beffroi.Identity.Provisioning;

namespace Beffroi.Connectors.Ldap;

/// <summary>The way of one account through a directory.</summary>
internal sealed class LdapDirectory(LdapSession session, LdapAddress address, CancellationToken cancellationToken)
{
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);

    internal async Task BindAsync(string name, string password) =>
        Demand(await session.AskAsync(id => LdapRequests.Bind(id, name, password), cancellationToken), "the sign-in");

    internal async Task PutAsync(OutgoingAccount account)
    {
        var people = await FindAsync(account, isActive: true);
        var former = await FindAsync(account, isActive: false);
        var isPlaced = account.IsActive
            ? people?.Values.Contains(account.UserName, StringComparer.OrdinalIgnoreCase) == true
            : people is null;
        if ((people ?? former) is { } known) await ChangeAsync(account, known.Name, isPlaced);
        else if (account.IsActive) await AddAsync(account);
    }

    private async Task<LdapAnswer.Entry?> FindAsync(OutgoingAccount account, bool isActive)
    {
        var branch = LdapEntry.Branch(address, isActive);
        var (done, entries) = await session.ListAsync(
            id => LdapRequests.Find(id, branch, LdapEntry.OwnIdName, LdapEntry.OwnId(account), LdapEntry.UserName),
            cancellationToken);
        if (done.Code == LdapCode.NoSuchObject)
        {
            _missing.Add(branch);
            return null;
        }
        if (entries.Count > 1 || done.Code == LdapCode.SizeLimitExceeded)
        {
            throw new AccountRefusedException(
                $"{address.Host} has several entries of this {LdapEntry.OwnIdName} in {branch}. Remove those that are "
                    + "not the portal's.",
                RefusalScope.ThisAccount);
        }
        Demand(done, $"the search in {branch}");
        return entries.Count == 1 ? entries[0] : null;
    }

    private async Task AddAsync(OutgoingAccount account)
    {
        var name = LdapNames.Below(LdapEntry.Step(account), await OpenBranchAsync(isActive: true));
        Demand(
            await session.AskAsync(id => LdapRequests.Add(id, name, LdapEntry.ForNew(account)), cancellationToken),
            name);
    }

    /// <summary>First where it stands, so that who may no more come is gone from there whatever follows.</summary>
    private async Task ChangeAsync(OutgoingAccount account, string name, bool isPlaced)
    {
        if (!isPlaced)
        {
            var (step, branch) = (LdapEntry.Step(account), await OpenBranchAsync(account.IsActive));
            var moved = LdapNames.Below(step, branch);
            Demand(
                await session.AskAsync(id => LdapRequests.Move(id, name, step, branch), cancellationToken), moved);
            name = moved;
        }
        Demand(
            await session.AskAsync(
                id => LdapRequests.Replace(id, name, LdapEntry.ForKnown(account)), cancellationToken),
            name);
    }

    private async Task<string> OpenBranchAsync(bool isActive)
    {
        var branch = LdapEntry.Branch(address, isActive);
        if (!_missing.Contains(branch)) return branch;
        var made = await session.AskAsync(
            id => LdapRequests.Add(id, branch, LdapEntry.ForBranch(isActive)), cancellationToken);
        if (made.Code == LdapCode.NoSuchObject)
        {
            throw new AccountRefusedException(
                $"{address.Host} has no entry {address.BaseName}. Make it, or correct the address.",
                RefusalScope.Everything);
        }
        if (made.Code != LdapCode.EntryAlreadyExists) Demand(made, branch); // Another server was faster.
        return branch;
    }

    private void Demand(LdapAnswer.Done done, string what)
    {
        if (done.Code == LdapCode.Success) return;
        var reason = done.Code switch
        {
            LdapCode.EntryAlreadyExists => "an entry is there already, and is not the portal's",
            LdapCode.InvalidCredentials => "the name or the password to sign in with is wrong",
            LdapCode.InsufficientAccessRights => "the name to sign in with may not write there",
            _ => "refused",
        };
        throw new AccountRefusedException(
            $"{address.Host} answered {(int)done.Code} to {what}: {reason}. {done.Text}".TrimEnd(), ScopeOf(done.Code));
    }

    /// <summary>What the schema or the name forbids concerns this account; the rest passes, or is for an
    /// administrator.</summary>
    private static RefusalScope ScopeOf(LdapCode code) => code
        is (>= LdapCode.NoSuchAttribute and <= LdapCode.InvalidAttributeSyntax) or LdapCode.InvalidDnSyntax
        or (>= LdapCode.NamingViolation and <= LdapCode.ObjectClassModsProhibited)
        ? RefusalScope.ThisAccount
        : RefusalScope.Everything;
}
