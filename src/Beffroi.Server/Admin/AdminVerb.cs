using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Beffroi.Server.Blobs;
using Beffroi.Server.Configuration;
using Beffroi.Server.Database;
using Beffroi.Vault;

namespace Beffroi.Server.Admin;

/// <summary>One verb of 'beffroi-server admin': opens the database, does its work, and says what came of it.</summary>
/// <typeparam name="TAnswer">What the verb answers; with --json it is the one object on standard output.</typeparam>
internal abstract class AdminVerb<TAnswer> : Command
{
    private static readonly Option<bool> Json = new("--json")
    {
        Description = "One JSON object on standard output; logs and errors on standard error.",
    };

    private readonly JsonTypeInfo<TAnswer> _jsonType;

    protected AdminVerb(string name, string description, JsonTypeInfo<TAnswer> jsonType)
        : base(name, description)
    {
        _jsonType = jsonType;
        Add(Json);
        SetAction(RunAsync);
    }

    /// <summary>Who acts, as the journal names them.</summary>
    protected static string Actor => $"admin:{Environment.UserName}";

    /// <summary>Whether the verb reads or writes blobs; the others also work while the store is away.</summary>
    protected virtual bool UsesBlobs => true;

    protected abstract Task<TAnswer> AnswerAsync(
        ParseResult parsed, IServiceProvider services, CancellationToken cancellationToken);

    /// <summary>The answer for a person.</summary>
    protected abstract string ToText(TAnswer answer);

    /// <summary>How the program ends after this answer.</summary>
    protected virtual int ExitCodeOf(TAnswer answer) => ExitCode.Done;

    protected static VaultException Misused(string message) => new(ErrorCode.UsageInvalid, retryable: false, message);

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (configuration, options) = ServerConfiguration.Load(
            parsed.GetValue(ServerCommandLine.Data), parsed.GetValue(ServerCommandLine.Urls));
        ServerOptionsCheck.Demand(options);
        var folder = new DataFolder(options.Data);
        folder.Create();
        using var loggers = LoggerFactory.Create(logging =>
            Logs.Configure(logging, configuration, toErrorStream: true));
        var logger = loggers.CreateLogger(GetType().FullName!);
        await using var database = await OpenDatabase.ForCommandAsync(options, folder, logger, cancellationToken);
        await using var services = BuildServices(configuration, options, folder, database);
        await ServerModules.PrepareAsync(services, database.MayChangeSchema, cancellationToken);
        if (UsesBlobs) await BlobStorage.PrepareAsync(services, cancellationToken);
        var answer = await AnswerAsync(parsed, services, cancellationToken);
        var text = parsed.GetValue(Json) ? JsonSerializer.Serialize(answer, _jsonType) : ToText(answer);
        await parsed.InvocationConfiguration.Output.WriteLineAsync(text);
        return ExitCodeOf(answer);
    }

    private static ServiceProvider BuildServices(
        IConfiguration configuration, ServerOptions options, DataFolder folder, OpenDatabase database)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => Logs.Configure(logging, configuration, toErrorStream: true));
        ServerModules.Add(services, options, folder, database, TimeProvider.System);
        return services.BuildServiceProvider();
    }
}
