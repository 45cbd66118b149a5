namespace Beffroi.Identity.Access;

/// <summary>The members whose data may be seen: all of them, or some by name. Nothing else decides what a query
/// returns.</summary>
public sealed class AccessScope
{
    private AccessScope(bool isPlatform, IReadOnlySet<MemberId> members) =>
        (IsPlatform, Members) = (isPlatform, members);

    /// <summary>Every member: the operator's staff, the agents' protocol and the server's own jobs.</summary>
    public static AccessScope Platform { get; } = new(isPlatform: true, new HashSet<MemberId>());

    /// <summary>No member at all.</summary>
    public static AccessScope Nobody { get; } = new(isPlatform: false, new HashSet<MemberId>());

    /// <summary>Whether every member may be seen; <see cref="Members"/> is then empty.</summary>
    public bool IsPlatform { get; }

    /// <summary>The members, where not all.</summary>
    public IReadOnlySet<MemberId> Members { get; }

    /// <summary>These members and no other.</summary>
    public static AccessScope Of(params IEnumerable<MemberId> members) => new(isPlatform: false, members.ToHashSet());

    /// <summary>Whether the data of <paramref name="member"/> may be seen.</summary>
    public bool Contains(MemberId member) => IsPlatform || Members.Contains(member);

    /// <summary>As the database's policies read it: <c>*</c>, or ids parted by commas.</summary>
    internal string ToSetting() => IsPlatform ? "*" : string.Join(',', Members.Select(member => member.ToString()));
}
