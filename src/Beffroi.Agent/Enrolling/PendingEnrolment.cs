using System.Text;
using Beffroi.Agent.Configuration;
using Beffroi.Protocol;
using Beffroi.Vault;
using Beffroi.Vault.Stores.Disk;

namespace Beffroi.Agent.Enrolling;

/// <summary>Where this computer is to enrol, and with what: an installer leaves it as one line, "URL TOKEN", and the
/// service, or 'beffroi enroll', carries it out once the server can be reached.</summary>
internal sealed record PendingEnrolment(Uri Server, string Token)
{
    /// <summary>Reads the line.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/> or
    /// <see cref="ErrorCode.TokenInvalid"/>.</exception>
    internal static PendingEnrolment Parse(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != 2)
            throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                "An enrolment request is one line: the server's address, a space, and the enrolment token. Fetch the "
                + "installer again from the portal.");
        EnrolmentToken.Parse(words[1]);
        return new PendingEnrolment(AddressOf(words[0]), words[1]);
    }

    /// <summary>An address of a server.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>.</exception>
    internal static Uri AddressOf(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme is ("https" or "http")
            ? server
            : throw new VaultException(ErrorCode.UsageInvalid, retryable: false,
                $"'{text}' is no address of a server. Write it with https://, as your operator gave it to you.");

    /// <summary>What was left on this computer; null when nothing was.</summary>
    /// <exception cref="VaultException">It makes no sense, cannot be read, or somebody else may have left
    /// it.</exception>
    internal static PendingEnrolment? Load(AgentHome home)
    {
        try
        {
            return File.Exists(home.PendingEnrolmentFile)
                ? Parse(Encoding.UTF8.GetString(OwnerOnly.Read(home.PendingEnrolmentFile)))
                : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new VaultException(ErrorCode.ConfigurationDamaged, retryable: false,
                $"The enrolment request of this computer ({home.PendingEnrolmentFile}) cannot be read: "
                + $"{failure.Message} Run the command as root or an administrator.", failure);
        }
    }

    /// <summary>Leaves it for the service.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.HomeUnwritable"/>.</exception>
    internal void Save(AgentHome home)
    {
        home.CreateFolders();
        AgentHome.Write(home.PendingEnrolmentFile, path =>
            DurableFile.Replace(path, Encoding.UTF8.GetBytes($"{Server.AbsoluteUri} {Token}\n")));
    }

    /// <summary>Removes it; nothing happens when there is none.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.HomeUnwritable"/>.</exception>
    internal static void Delete(AgentHome home) => AgentHome.Write(home.PendingEnrolmentFile, path =>
    {
        if (File.Exists(path)) File.Delete(path);
    });
}
