using System.Formats.Asn1;
using System.Text;

namespace Beffroi.Connectors.Ldap;

/// <summary>An attribute and what it is to be; no value takes it away.</summary>
internal sealed record LdapAttribute(string Name, params IReadOnlyList<string> Values);

/// <summary>What is said to a directory (RFC 4511, §4), as octets.</summary>
internal static class LdapRequests
{
    private const int ProtocolVersion = 3;
    private const string StartTlsName = "1.3.6.1.4.1.1466.20037";
    private const int EntriesMax = 2; // One is wanted; two are a fault that is to be seen.

    private enum Scope
    {
        OneLevel = 1,
    }

    private enum Aliases
    {
        NeverFollowed = 0,
    }

    private enum Change
    {
        Replace = 2,
    }

    internal static byte[] Bind(int id, string name, string password) => Message(id, 0, body =>
    {
        body.WriteInteger(ProtocolVersion);
        Write(body, name);
        body.WriteOctetString(Encoding.UTF8.GetBytes(password), Context(0));
    });

    internal static byte[] StartTls(int id) => Message(
        id, 23, body => body.WriteOctetString(Encoding.ASCII.GetBytes(StartTlsName), Context(0)));

    /// <summary>The entries right below <paramref name="parent"/> that have this value.</summary>
    /// <param name="wanted">The attribute that is answered.</param>
    internal static byte[] Find(int id, string parent, string attribute, string value, string wanted) =>
        Message(id, 3, body =>
        {
            Write(body, parent);
            body.WriteEnumeratedValue(Scope.OneLevel);
            body.WriteEnumeratedValue(Aliases.NeverFollowed);
            body.WriteInteger(EntriesMax);
            body.WriteInteger(0); // The session has its own limit of time.
            body.WriteBoolean(false);
            using (body.PushSequence(Context(3))) // Equal to.
            {
                Write(body, attribute);
                Write(body, value);
            }
            using (body.PushSequence()) Write(body, wanted);
        });

    internal static byte[] Add(int id, string name, IEnumerable<LdapAttribute> attributes) => Message(id, 8, body =>
    {
        Write(body, name);
        using (body.PushSequence())
        {
            foreach (var attribute in attributes.Where(each => each.Values.Count > 0)) Write(body, attribute);
        }
    });

    internal static byte[] Replace(int id, string name, IEnumerable<LdapAttribute> attributes) =>
        Message(id, 6, body =>
        {
            Write(body, name);
            using (body.PushSequence())
            {
                foreach (var attribute in attributes)
                {
                    using (body.PushSequence())
                    {
                        body.WriteEnumeratedValue(Change.Replace);
                        Write(body, attribute);
                    }
                }
            }
        });

    /// <summary>Gives an entry another name and place. The value that it was called by stays in it: it may be the id
    /// that makes it ours.</summary>
    internal static byte[] Move(int id, string name, string step, string parent) => Message(id, 12, body =>
    {
        Write(body, name);
        Write(body, step);
        body.WriteBoolean(false);
        body.WriteOctetString(Encoding.UTF8.GetBytes(parent), Context(0));
    });

    // DER is a choice within what LDAP takes of BER (RFC 4511, §5.1).
    private static byte[] Message(int id, int operation, Action<AsnWriter> write)
    {
        var message = new AsnWriter(AsnEncodingRules.DER);
        using (message.PushSequence())
        {
            message.WriteInteger(id);
            using (message.PushSequence(new Asn1Tag(TagClass.Application, operation, isConstructed: true)))
                write(message);
        }
        return message.Encode();
    }

    private static void Write(AsnWriter body, LdapAttribute attribute)
    {
        using (body.PushSequence())
        {
            Write(body, attribute.Name);
            using (body.PushSetOf())
            {
                foreach (var value in attribute.Values) Write(body, value);
            }
        }
    }

    private static void Write(AsnWriter body, string text) => body.WriteOctetString(Encoding.UTF8.GetBytes(text));

    private static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number);
}
