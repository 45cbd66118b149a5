using System.Formats.Asn1;
using System.Text;

namespace Beffroi.Connectors.Ldap;

/// <summary>What a directory says (RFC 4511, §4).</summary>
internal abstract record LdapAnswer
{
    /// <summary>How the request ended.</summary>
    internal sealed record Done(LdapCode Code, string Text) : LdapAnswer;

    /// <summary>An entry that was found, and all values of its attributes.</summary>
    internal sealed record Entry(string Name, IReadOnlyList<string> Values) : LdapAnswer;

    /// <summary>A hint at another directory, which is not followed: our password is for this one.</summary>
    internal sealed record Elsewhere : LdapAnswer;

    private const int EntryTag = 4;
    private const int ReferenceTag = 19;
    private const int IntermediateTag = 25;

    /// <param name="id">Of the request; the answer to another one breaks the protocol.</param>
    /// <exception cref="AsnContentException">This is no answer to the request.</exception>
    internal static LdapAnswer Parse(ReadOnlyMemory<byte> octets, int id)
    {
        var message = new AsnReader(octets, AsnEncodingRules.BER).ReadSequence();
        if (!message.TryReadInt32(out var answered) || answered != id)
            throw new AsnContentException("The answer is to another request, or the directory ends the session.");
        var tag = message.PeekTag();
        if (tag.TagClass != TagClass.Application) throw new AsnContentException("The answer is of no known kind.");
        if (tag.TagValue is ReferenceTag or IntermediateTag) return new Elsewhere();

        var body = message.ReadSequence(tag);
        return tag.TagValue == EntryTag ? ReadEntry(body) : ReadDone(body);
    }

    private static Entry ReadEntry(AsnReader body)
    {
        var name = ReadText(body);
        var values = new List<string>();
        var attributes = body.ReadSequence();
        while (attributes.HasData)
        {
            var attribute = attributes.ReadSequence();
            ReadText(attribute);
            var set = attribute.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData) values.Add(ReadText(set));
        }
        return new Entry(name, values);
    }

    private static Done ReadDone(AsnReader body)
    {
        var code = body.ReadEnumeratedBytes().Span;
        if (code.Length > 2) throw new AsnContentException("The result code is too long.");
        ReadText(body); // How much of the name exists.
        return new Done((LdapCode)(code.Length == 2 ? (code[0] << 8) | code[1] : code[0]), ReadText(body));
    }

    private static string ReadText(AsnReader reader) => Encoding.UTF8.GetString(reader.ReadOctetString());
}

/// <summary>Result codes (RFC 4511, appendix A) that are told apart.</summary>
internal enum LdapCode
{
    Success = 0,
    SizeLimitExceeded = 4,
    NoSuchAttribute = 16,
    UndefinedAttributeType = 17,
    InappropriateMatching = 18,
    ConstraintViolation = 19,
    AttributeOrValueExists = 20,
    InvalidAttributeSyntax = 21,
    NoSuchObject = 32,
    InvalidDnSyntax = 34,
    InvalidCredentials = 49,
    InsufficientAccessRights = 50,
    NamingViolation = 64,
    ObjectClassViolation = 65,
    NotAllowedOnNonLeaf = 66,
    NotAllowedOnRdn = 67,
    EntryAlreadyExists = 68,
    ObjectClassModsProhibited = 69,
}
