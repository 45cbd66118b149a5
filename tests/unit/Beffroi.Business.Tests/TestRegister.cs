using System.Collections.Concurrent;
using Beffroi.Business.Members;
using Beffroi.Business.Members.Diagnoses;
using Beffroi.Business.Members.Documents;
using Beffroi.Business.Members.Import;
using Beffroi.Business.Members.Offers;
using Beffroi.Business.Members.Register;
using Beffroi.Identity;
using Beffroi.Identity.Access;
using Beffroi.Identity.Database;
using Beffroi.Server.Database;
using Beffroi.Testing.FakeServer;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Beffroi.Business.Tests;

/// <summary>The module on a database of its own, with documents in memory and a clock that the test moves.</summary>
internal sealed class TestRegister : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private TestRegister(string connectionString) => _services = new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(Time)
        .AddSingleton(_ => NpgsqlDataSource.Create(connectionString))
        .AddSingleton(_ => new PeopleDatabase(connectionString))
        .AddSingleton<IDocumentStore>(Store)
        .AddSingleton<IImportShelf>(Shelf)
        .AddIdentity()
        .AddBusiness(LevelTerms.Default)
        .AddSingleton<SchemaUpgrade>()
        .BuildServiceProvider();

    /// <summary>Stands at 1 March 2026, 9:00 in Paris.</summary>
    internal ManualTime Time { get; } = new();

    internal MemoryDocumentStore Store { get; } = new();

    internal MemoryImportShelf Shelf { get; } = new();

    /// <summary>Somebody of the operator who keeps the register.</summary>
    internal static Caller Staff { get; } =
        Caller.Of(PersonId.New(), "Paul", "192.0.2.1", [new RoleGrant(Role.Direction, Member: null)]);

    internal static async Task<TestRegister> CreateAsync(TestCluster cluster)
    {
        var register = new TestRegister(await cluster.CreateDatabaseAsync());
        await register.Get<SchemaUpgrade>().RunAsync(mayChange: true, CancellationToken.None);
        return register;
    }

    /// <summary>Somebody at a member.</summary>
    internal static Caller At(MemberId member, Role role = Role.Referent) =>
        Caller.Of(PersonId.New(), "Jeanne", "192.0.2.7", [new RoleGrant(role, member)]);

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    internal async Task<MemberId> AddAsync(MemberDraft draft, int number = 1) => Saved(
        await Get<MemberRegister>().AddAsync(Staff, Numbers.Siret(number), draft, CancellationToken.None));

    internal async Task<ContactId> AddContactAsync(MemberId member, string name, params ContactRole[] roles)
    {
        var contacts = Get<MemberContacts>();
        var id = Saved(await contacts.SaveAsync(
            Staff, member, id: null, new ContactDraft(name), seen: null, CancellationToken.None));
        foreach (var role in roles)
        {
            Saved(await contacts.GiveRoleAsync(
                Staff, member, id, role, new DateOnly(2020, 1, 1), CancellationToken.None));
        }
        return id;
    }

    internal async Task OfferAsync(OfferDraft draft) => Assert.IsType<OfferResult.Saved>(
        await Get<OfferCatalogue>().SaveAsync(Staff, draft, isOpen: true, CancellationToken.None));

    internal async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = Get<NpgsqlDataSource>().CreateCommand(sql);
        return (T?)await command.ExecuteScalarAsync();
    }

    internal static TId Saved<TId>(SaveResult<TId> result) => Assert.IsType<SaveResult<TId>.Saved>(result).Id;

    internal static SaveRefusal Refused<TId>(SaveResult<TId> result) =>
        Assert.IsType<SaveResult<TId>.Refused>(result).Reason;

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}

/// <summary>Documents in memory.</summary>
internal sealed class MemoryDocumentStore : IDocumentStore
{
    private readonly ConcurrentDictionary<DocumentId, byte[]> _contents = new();

    internal int Count => _contents.Count;

    public Task PutAsync(DocumentId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Assert.True(_contents.TryAdd(id, content.ToArray()));
        return Task.CompletedTask;
    }

    public Task<Stream?> OpenAsync(DocumentId id, CancellationToken cancellationToken) => Task.FromResult<Stream?>(
        _contents.TryGetValue(id, out var content) ? new MemoryStream(content, writable: false) : null);

    internal void Lose(DocumentId id) => _contents.TryRemove(id, out _);
}

/// <summary>Imports in memory.</summary>
internal sealed class MemoryImportShelf : IImportShelf
{
    private readonly ConcurrentDictionary<ImportId, byte[]> _contents = new();

    public Task PutAsync(ImportId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        Assert.True(_contents.TryAdd(id, content.ToArray()));
        return Task.CompletedTask;
    }

    public Task<byte[]?> ReadAsync(ImportId id, CancellationToken cancellationToken) =>
        Task.FromResult(_contents.GetValueOrDefault(id));

    public Task RemoveAsync(ImportId id, CancellationToken cancellationToken)
    {
        _contents.TryRemove(id, out _);
        return Task.CompletedTask;
    }
}

/// <summary>Numbers with right keys that belong to nobody.</summary>
internal static class Numbers
{
    internal static string Siren(int number) => WithKey($"2{number:D7}");

    internal static Siret Siret(int number) => Identity.Siret.Parse(WithKey(Siren(number) + "0001"));

    private static string WithKey(string digits)
    {
        var sum = 0;
        for (var index = 0; index < digits.Length; index++)
        {
            var digit = digits[^(index + 1)] - '0';
            if (index % 2 == 0) digit *= 2;
            sum += digit > 9 ? digit - 9 : digit;
        }
        return digits + (char)('0' + (10 - sum % 10) % 10);
    }
}
