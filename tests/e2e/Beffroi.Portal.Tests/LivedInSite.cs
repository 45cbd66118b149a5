using Beffroi.Demonstration;

namespace Beffroi.Portal.Tests;

/// <summary>A server with the month that './run' shows: three members, five computers, and what went wrong.</summary>
public sealed class LivedInSite : Site
{
    internal const string Director = "olive.ferrand@syndicat.example";
    internal const string Referent = "jeanne.morel@saint-aubin.example";
    internal const string Forge = "anne.leroy@montreuil.example";

    private readonly string _computers = Directory.CreateTempSubdirectory("beffroi-computers-").FullName;

    internal override async Task PrepareAsync() => await Month.MakeAsync(
        Data, _computers, Password, TimeProvider.System.GetUtcNow());

    /// <summary>Everything is there when the server starts.</summary>
    internal override Task FillAsync() => Task.CompletedTask;

    internal override void Forget() => Directory.Delete(_computers, recursive: true);
}

/// <summary>The tests that share it.</summary>
[CollectionDefinition]
public sealed class LivedInTests : ICollectionFixture<LivedInSite>;
