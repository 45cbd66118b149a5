using System.Security.Cryptography;
using Beffroi.Identity.Access;
using Beffroi.Identity.Journal;
using Beffroi.Identity.People;
using Beffroi.Identity.SignIn;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Beffroi.Identity.External;

/// <summary>Which account a provider's subject is: the one linked to that subject of that provider, never the one that
/// merely has the same mail address.</summary>
internal sealed class ExternalAccounts(
    UserManager<Person> accounts, IdentityDb db, SignInDesk signIn, ActJournal journal, TravelSeal seal,
    TimeProvider time)
{
    internal async Task<ExternalOutcome> AdmitAsync(
        ExternalProvider provider, ExternalSubject subject, string returnTo, Visitor visitor,
        CancellationToken cancellationToken)
    {
        if (await accounts.FindByLoginAsync(provider.Id, subject.Subject) is { } known)
            return await OpenAsync(known, subject, returnTo, visitor, cancellationToken);

        if (subject.Email is not { Length: > 0 } email) return new ExternalOutcome.Refused(ExternalRefusal.NoAccount);
        if (await accounts.FindByEmailAsync(email) is not null)
        {
            var link = new PendingLink(provider.Id, provider.Name, subject.Subject, email);
            return new ExternalOutcome.LinkWanted(seal.Seal(link), email, returnTo);
        }
        return await CreateAsync(provider, subject, email, visitor, cancellationToken) is { } made
            ? await OpenAsync(made, subject, returnTo, visitor, cancellationToken)
            : new ExternalOutcome.Refused(ExternalRefusal.NoAccount);
    }

    internal async Task LinkAsync(PendingLink link, PersonId person, CancellationToken cancellationToken)
    {
        var account = await accounts.FindByIdAsync(person.ToString());
        if (account is null || accounts.NormalizeEmail(link.Email) != account.NormalizedEmail) return;

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var added = await accounts.AddLoginAsync(
            account, new UserLoginInfo(link.Provider, link.Subject, link.ProviderName));
        if (!added.Succeeded) return; // Linked meanwhile.
        await NoteAsync($"person:{person}", Acts.ProviderLinked, null, account, link.Provider, null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<ExternalOutcome> OpenAsync(
        Person person, ExternalSubject subject, string returnTo, Visitor visitor, CancellationToken cancellationToken)
    {
        if (person.DisabledAt is not null) return new ExternalOutcome.Refused(ExternalRefusal.Shut);
        if (person.TwoFactorEnabled && !subject.IsTwofold)
            return new ExternalOutcome.CodeWanted(signIn.WantCode(person).State, returnTo);

        return await signIn.AdmitProvenAsync(person, subject.Methods, visitor, cancellationToken) switch
        {
            SignInOutcome.Admitted admitted => new ExternalOutcome.Admitted(admitted.Session, returnTo),
            _ => new ExternalOutcome.Refused(ExternalRefusal.Shut),
        };
    }

    /// <summary>An agent of the member that has the named SIRET; none if accounts are not made this way.</summary>
    private async Task<Person?> CreateAsync(
        ExternalProvider provider, ExternalSubject subject, string email, Visitor visitor,
        CancellationToken cancellationToken)
    {
        if (!provider.CreatesAccounts || subject.Siret is not { } siret) return null;
        var member = await db.Members.Where(row => row.Siret == siret).Select(row => (MemberId?)row.Id)
            .SingleOrDefaultAsync(cancellationToken);
        if (member is null) return null;

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var name = subject.Name ?? email;
        var person = new Person
        {
            Id = PersonId.New().Value,
            Name = name[..Math.Min(name.Length, Person.NameCharactersMax)],
            UserName = email,
            Email = email,
            EmailConfirmed = true, // The provider answers for it.
            CreatedAt = time.GetUtcNow(),
        };
        if (!(await accounts.CreateAsync(person)).Succeeded) return null;
        await accounts.AddLoginAsync(person, new UserLoginInfo(provider.Id, subject.Subject, provider.Name));
        db.HeldRoles.Add(new HeldRole
        {
            Id = new Guid(RandomNumberGenerator.GetBytes(16)),
            PersonId = person.Id,
            MemberId = member,
            Role = Role.Agent,
            From = time.GetUtcNow(),
        });
        await NoteAsync(
            $"provider:{provider.Id}", Acts.PersonAdded, member, person, provider.Id, visitor.Origin,
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return person;
    }

    private Task NoteAsync(
        string actor, string act, MemberId? member, Person person, string provider, string? origin,
        CancellationToken cancellationToken) =>
        journal.AppendAsync(
            db,
            new PrivilegedAct(actor, act, member, origin, new Dictionary<string, string>
            {
                ["person"] = person.Id.ToString("D"),
                ["provider"] = provider,
            }),
            cancellationToken);
}
