namespace Beffroi.Identity.Journal;

/// <summary>The newest entry of the journal at some time.</summary>
/// <param name="Number">Its number; 0 before the first.</param>
/// <param name="Hash">Its hash, in hexadecimal.</param>
public sealed record JournalHead(long Number, string Hash)
{
    /// <summary>Before the first entry, which names 32 zero bytes as the hash before it.</summary>
    internal static JournalHead Start { get; } = new(0, new string('0', 64));
}

/// <summary>What reading the journal against a head found.</summary>
/// <param name="Broken">The first entry that was changed or taken out; none while all are sound.</param>
/// <param name="Head">The newest entry, or the last sound one.</param>
public sealed record JournalCheck(long? Broken, JournalHead Head);

/// <summary>Remembers where the journal ended, outside of the database: whoever cuts entries off its end there is found
/// out.</summary>
public interface IJournalMark
{
    /// <summary>What was remembered last; none before the first time.</summary>
    /// <remarks>Throws what its store throws, when it cannot be read or does not hold a head.</remarks>
    JournalHead? Read();

    /// <summary>Remembers, in the place of what was.</summary>
    void Write(JournalHead head);
}
