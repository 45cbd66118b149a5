using Beffroi.Vault;

namespace Beffroi.Server.Configuration;

/// <summary>Reads the configuration: the program's appsettings.json, the data folder's, the environment, the flags; the
/// later ones win.</summary>
internal static class ServerConfiguration
{
    private const string DataKey = $"{ServerOptions.Section}:{nameof(ServerOptions.Data)}";
    private const string UrlsKey = $"{ServerOptions.Section}:{nameof(ServerOptions.Urls)}";

    /// <param name="data">Value of the flag --data, if given.</param>
    /// <param name="urls">Value of the flag --urls, if given.</param>
    internal static (IConfigurationRoot All, ServerOptions Options) Load(string? data, string? urls)
    {
        var folder = data ?? Build(data, urls, folder: null)[DataKey];
        var root = Path.GetFullPath(string.IsNullOrEmpty(folder) ? DataFolder.Default : folder);
        var all = Build(root, urls, root);
        var options = new ServerOptions();
        Bind(all.GetSection(ServerOptions.Section), options);
        return (all, options);
    }

    /// <exception cref="VaultException"><see cref="ErrorCode.UsageInvalid"/>: a key that there is not, most likely
    /// misspelt, or a value of the wrong kind. Either would otherwise leave a limit as it was, and nobody would
    /// know.</exception>
    private static void Bind(IConfigurationSection section, ServerOptions options)
    {
        try
        {
            section.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException exception)
        {
            throw new VaultException(
                ErrorCode.UsageInvalid, retryable: false,
                $"The server's configuration cannot be read. {exception.Message}"
                    + $"{(exception.InnerException is { } inner ? $" {inner.Message}" : "")} The keys are explained in "
                    + "docs/operations/server.md.",
                exception);
        }
    }

    private static IConfigurationRoot Build(string? data, string? urls, string? folder)
    {
        var builder = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: false);
        if (folder is not null) builder.AddJsonFile(new DataFolder(folder).Settings, optional: true);
        builder.AddEnvironmentVariables();
        Dictionary<string, string?> flags = [];
        if (data is not null) flags[DataKey] = data;
        if (urls is not null) flags[UrlsKey] = urls;
        return builder.AddInMemoryCollection(flags).Build();
    }
}
