using Beffroi.Intake.Commits;
using Beffroi.Intake.Enrolment;
using Beffroi.Intake.Failures;
using Beffroi.Intake.Limits;
using Beffroi.Intake.Packs;
using Beffroi.Intake.Plans;
using Beffroi.Intake.Records;
using Beffroi.Intake.Restores;
using Beffroi.Intake.Sessions;
using Beffroi.Protocol;
using Beffroi.Vault;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Beffroi.Intake;

/// <summary>The server's side of docs/format/protocol.md.</summary>
public static class IntakeModule
{
    /// <summary>Adds what the endpoints need, and <see cref="StoredRecords"/>. Expects <see cref="IntakeKeys"/>,
    /// <see cref="IDeviceDirectory"/>, <see cref="IRecordIndex"/>, <see cref="ICommitLedger"/>,
    /// <see cref="IVaultKeys"/>, <see cref="IDaemonDesk"/>, a blob store and a <see cref="TimeProvider"/> among the
    /// services.</summary>
    public static IServiceCollection AddIntake(this IServiceCollection services, IntakeOptions options)
    {
        services.AddMetrics();
        services.AddSingleton(options);
        services.AddSingleton<IntakeMetrics>();
        services.AddSingleton<FailureAnswers>();
        services.AddSingleton<IntakeLimits>();
        services.AddSingleton<PackReception>();
        services.AddSingleton<SessionDesk>();
        services.AddSingleton<PackClosure>();
        services.AddSingleton<PackIntake>();
        services.AddSingleton<CommitIntake>();
        services.AddSingleton<PackRanges>();
        services.AddSingleton<RecordStream>();
        services.AddSingleton(provider => new StoredRecords(
            provider.GetRequiredService<IRecordIndex>(), provider.GetRequiredService<PackRanges>()));
        services.AddSingleton<OpenRootKey>();
        services.AddSingleton<ReadOrdered>();
        services.ConfigureHttpJsonOptions(
            json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ProtocolJson.Default));
        services.Configure<RouteHandlerOptions>(route => route.ThrowOnBadRequest = true);
        return services;
    }

    /// <summary>Maps the protocol below <c>/v1</c>.</summary>
    public static void MapIntake(this IEndpointRouteBuilder routes)
    {
        var intake = routes.MapGroup("/v1");
        var failures = routes.ServiceProvider.GetRequiredService<FailureAnswers>();
        ((IEndpointConventionBuilder)intake).Finally(endpoint =>
        {
            var request = endpoint.RequestDelegate!; // Set by the framework before conventions end.
            endpoint.RequestDelegate = context => failures.GuardAsync(context, request);
        });
        MapVerbs(intake);
        intake.Map("/{**rest}", NotThere);
    }

    private static void MapVerbs(IEndpointRouteBuilder intake)
    {
        DescribeServer.Map(intake);
        EnrolDevice.Map(intake);
        UnenrolDevice.Map(intake);
        IssueChallenge.Map(intake);
        OpenSession.Map(intake);
        AskHave.Map(intake);
        StorePack.Map(intake);
        AcceptCommit.Map(intake);
        ListSnapshots.Map(intake);
        ReadCommit.Map(intake);
        OpenRootKey.Map(intake);
        ReadRecords.Map(intake);
        DescribeVault.Map(intake);
        CheckIn.Map(intake);
        ReportRun.Map(intake);
        ReportProgress.Map(intake);
        ReadOrdered.Map(intake);
    }

    private static Task NotThere(HttpContext context) => throw new VaultException(
        ErrorCode.NotFound,
        retryable: false,
        $"The protocol has no verb '{context.Request.Method} {context.Request.Path}'. Update the agent or the server.");
}
