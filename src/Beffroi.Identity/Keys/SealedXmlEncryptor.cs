using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Beffroi.Identity.Keys;

/// <summary>Seals the secret part of data protection's keys with the key file: a stolen database forges no
/// cookie.</summary>
/// <param name="wrap">Asked for late: the options are read before a new server has made its key file.</param>
internal sealed class SealedXmlEncryptor(Lazy<IKeyWrap> wrap) : IXmlEncryptor
{
    internal const string Purpose = "data protection key v1";

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var element = new XElement("sealed", Convert.ToBase64String(wrap.Value.Wrap(plain, Purpose)));
        return new EncryptedXmlInfo(element, typeof(SealedXmlDecryptor));
    }
}
