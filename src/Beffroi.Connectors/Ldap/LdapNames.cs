using System.Globalization;
using System.Text;

namespace Beffroi.Connectors.Ldap;

/// <summary>Distinguished names (RFC 4514). Filters need no counterpart: on the wire, a value in a filter is a string
/// of octets, in which no sign means anything.</summary>
internal static class LdapNames
{
    /// <summary>One step of a name, such as <c>uid=jeanne\2Bagenda@arvigny.example</c>.</summary>
    internal static string Step(string attribute, string value) => $"{attribute}={Escape(value)}";

    /// <summary>A step below a name.</summary>
    internal static string Below(string step, string parent) => $"{step},{parent}";

    /// <summary>Everything that is not plainly harmless goes as hexadecimal octets, also where the grammar would let it
    /// stand: directories differ in what they take, never in that.</summary>
    private static string Escape(string value)
    {
        var escaped = new StringBuilder(value.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(value))
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'.' or (byte)'-' or (byte)'@' or (byte)'_')
                escaped.Append((char)octet);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"\\{octet:X2}");
        }
        return escaped.ToString();
    }
}
