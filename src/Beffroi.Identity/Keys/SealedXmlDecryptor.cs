using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Identity.Keys;

/// <summary>Opens what <see cref="SealedXmlEncryptor"/> sealed; made by the framework, which stores its name.</summary>
/// <param name="services">Has an <see cref="IKeyWrap"/>.</param>
internal sealed class SealedXmlDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var plain = services.GetRequiredService<IKeyWrap>()
            .Unwrap(Convert.FromBase64String(encryptedElement.Value), SealedXmlEncryptor.Purpose);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}
