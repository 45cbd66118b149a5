using Beffroi.Fleet.Devices;
using Beffroi.Fleet.Watch;
using Beffroi.Identity;
using Beffroi.Identity.People;
using Beffroi.Portal.Watch;
using Beffroi.Vault;

namespace Beffroi.Portal.Tests;

/// <summary>The morning's mail, from findings to sentences.</summary>
public sealed class DigestTests
{
    private static readonly DateTimeOffset Morning = new(2026, 11, 21, 6, 30, 0, TimeSpan.Zero);
    private static readonly MemberId Saules = MemberId.New();
    private static readonly MemberId Forge = MemberId.New();

    [Fact]
    public void It_tells_the_worst_first_with_whom_to_call_and_where_to_look()
    {
        WatchedDevice[] devices =
        [
            Device(Saules, "accueil", WatchState.Good),
            Device(Saules, "secretariat", WatchState.Attention, new WatchFinding(
                WatchReason.FilesUnreadable, WatchState.Attention, Number: 3)),
            Device(Forge, "serveur", WatchState.Action, new WatchFinding(
                WatchReason.Overdue, WatchState.Action, Morning.AddDays(-4))),
        ];
        var mail = Letter().Write(
            new Correspondent("Olive Ferrand", "olive@syndicat.example"), devices, Names,
            new Dictionary<MemberId, MemberContact>
            {
                [Forge] = new("Anne Leroy", "02 41 00 00 03", "anne@forge.example"),
            });

        Assert.Equal("Veille du 21 novembre : 1 poste à traiter, 1 à surveiller", mail.Subject);
        Assert.Equal(
            """
            Bonjour Olive Ferrand,

            À traiter : 1. À surveiller : 1. Protégés : 1.

            Montreuil-la-Forge (Anne Leroy, 02 41 00 00 03, anne@forge.example)
            - serveur, à traiter : Aucune bonne sauvegarde depuis mardi 17 novembre à 7 h 30. ADDRESS2

            Saint-Aubin
            - secretariat, à surveiller : 3 fichiers n'ont pas pu être lus. ADDRESS1

            La page de la veille : https://portail.example/veille

            """.Replace("ADDRESS2", Address(devices[2]), StringComparison.Ordinal)
                .Replace("ADDRESS1", Address(devices[1]), StringComparison.Ordinal),
            mail.Text.Replace("\u00a0", " ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_quiet_night_is_said_in_the_subject()
    {
        var mail = Letter().Write(
            new Correspondent("Olive Ferrand", "olive@syndicat.example"),
            [Device(Saules, "accueil", WatchState.Good)], Names, new Dictionary<MemberId, MemberContact>());

        Assert.Equal("Veille du 21 novembre : tout va bien", mail.Subject);
    }

    private static Dictionary<MemberId, string> Names { get; } =
        new() { [Saules] = "Saint-Aubin", [Forge] = "Montreuil-la-Forge" };

    private static string Address(WatchedDevice device) => $"https://portail.example/postes/{device.Id}";

    private static DigestLetter Letter() => new(
        new PortalOptions { PublicUrl = "https://portail.example" }, new StillTime());

    private static WatchedDevice Device(
        MemberId member, string name, WatchState state, params IReadOnlyList<WatchFinding> findings) => new(
        DeviceId.New(), member, name, DeviceKind.Fixed, state, Morning.AddDays(-40), Morning, Morning, null, null,
        findings, []);

    private sealed class StillTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Morning;
    }
}
