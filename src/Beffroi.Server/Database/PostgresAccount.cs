using System.Globalization;
using Beffroi.Vault;

namespace Beffroi.Server.Database;

/// <summary>The account that runs the private PostgreSQL when the server is root, which PostgreSQL refuses to
/// be.</summary>
internal sealed record PostgresAccount(string Name, int UserId, int GroupId)
{
    /// <summary>The account to change to; <see langword="null"/> when the server is not root and changes to
    /// none.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.DatabaseUnavailable"/>: there is no such
    /// account.</exception>
    internal static PostgresAccount? Find(string? configured)
    {
        if (!Environment.IsPrivilegedProcess) return null;

        foreach (var name in configured is null ? ["postgres", "nobody"] : new[] { configured })
        {
            if (Read(name) is { } account) return account;
        }
        throw new VaultException(
            ErrorCode.DatabaseUnavailable,
            retryable: false,
            $"PostgreSQL does not run as root, and there is no account '{configured ?? "postgres"}' to run it. Create "
                + "it, name "
                + "another one with BEFFROI__POSTGRES__USER, or run the server itself as an account of its own.");
    }

    private static PostgresAccount? Read(string name)
    {
        // Lines of name:password:user:group:…
        var fields = File.ReadLines("/etc/passwd").Select(line => line.Split(':'))
            .FirstOrDefault(fields => fields.Length > 3 && fields[0] == name);
        return fields is null
            ? null
            : new PostgresAccount(
                name,
                int.Parse(fields[2], CultureInfo.InvariantCulture),
                int.Parse(fields[3], CultureInfo.InvariantCulture));
    }
}
