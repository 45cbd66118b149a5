using Beffroi.Fleet.Watch;
using Beffroi.Identity;
using Beffroi.Identity.Mail;
using Beffroi.Identity.People;
using Beffroi.Portal.Texts;

namespace Beffroi.Portal.Watch;

/// <summary>The board as a mail, for the operator's morning: the same devices in the same order with the same
/// sentences. In French: no browser has chosen a language.</summary>
internal sealed class DigestLetter
{
    private const int ToldMax = 40; // As many as a page of the board has.

    private readonly PortalOptions _options;
    private readonly TimeProvider _time;
    private readonly Words _words;
    private readonly WatchSentences _sentences;

    public DigestLetter(PortalOptions options, TimeProvider time)
    {
        var text = new Text(Language.French);
        (_options, _time, _words) = (options, time, new Words(text, time));
        _sentences = new WatchSentences(text, _words);
    }

    internal OutgoingMail Write(
        Correspondent to, IReadOnlyList<WatchedDevice> devices, IReadOnlyDictionary<MemberId, string> names,
        IReadOnlyDictionary<MemberId, MemberContact> contacts)
    {
        var open = MorningList.Of(devices, names, WatchFilter.Of(state: null, find: null, withAcknowledged: false));
        string[] paragraphs =
        [
            $"Bonjour {to.Name},",
            Counts(devices),
            .. open.Take(ToldMax).GroupBy(device => device.Member).Select(group => Paragraph(
                MorningList.NameOf(group.Key, names), contacts.GetValueOrDefault(group.Key), group)),
            .. open.Count > ToldMax ? new[] { $"Et {open.Count - ToldMax} autres postes, sur la page." } : [],
            $"La page de la veille : {_options.PublicUrl}/veille",
        ];
        return new OutgoingMail(to.Email, Subject(devices), string.Join("\n\n", paragraphs) + "\n");
    }

    private string Subject(IReadOnlyList<WatchedDevice> devices)
    {
        var (bad, warn) = (CountOf(devices, WatchState.Action), CountOf(devices, WatchState.Attention));
        var day = $"Veille du {_words.Day(Words.DayOf(_time.GetUtcNow()))}";
        return (bad, warn) switch
        {
            (0, 0) => $"{day} : tout va bien",
            (0, _) => $"{day} : {Devices(warn)} à surveiller",
            (_, 0) => $"{day} : {Devices(bad)} à traiter",
            _ => $"{day} : {Devices(bad)} à traiter, {warn} à surveiller",
        };
    }

    private static string Counts(IReadOnlyList<WatchedDevice> devices) =>
        $"À traiter : {CountOf(devices, WatchState.Action)}. À surveiller : "
        + $"{CountOf(devices, WatchState.Attention)}. Protégés : {CountOf(devices, WatchState.Good)}.";

    private string Paragraph(string name, MemberContact? contact, IEnumerable<WatchedDevice> devices) => string.Join(
        '\n', devices.Select(Line).Prepend(contact is null ? name : $"{name} ({Reach(contact)})"));

    private string Line(WatchedDevice device) =>
        $"- {device.Name}, {(device.OpenState == WatchState.Action ? "à traiter" : "à surveiller")} : "
        + string.Join(' ', device.Findings.Where(finding => !device.Acknowledged.Any(
            note => note.Reason == finding.Reason)).Select(_sentences.Say))
        + $" {_options.PublicUrl}/postes/{device.Id}";

    private static string Reach(MemberContact contact) =>
        string.Join(", ", new[] { contact.Name, contact.Phone, contact.Mail }.OfType<string>());

    private static string Devices(int count) => count == 1 ? "1 poste" : $"{count} postes";

    private static int CountOf(IReadOnlyList<WatchedDevice> devices, WatchState state) =>
        devices.Count(device => device.OpenState == state);
}
