using System.Net;
using Beffroi.Vault;
using Microsoft.AspNetCore.Http;

namespace Beffroi.Intake.Limits;

/// <summary>The limits on how often something may be tried, and on how much may be under way at once.</summary>
internal sealed class IntakeLimits(IntakeOptions options, TimeProvider time) : IDisposable
{
    private readonly RateLimit<IPAddress> _failures =
        new(options.FailuresPerAddressMax, options.FailureWindow, "failed attempts from your network address", time);

    internal OpeningLimit RootKeys { get; } = new(options.RootKeysPerHourMax, TimeSpan.FromHours(1), time);

    internal RateLimit<DeviceId> Have { get; } =
        new(options.HaveQuestionsPerMinuteMax, TimeSpan.FromMinutes(1), "questions of this device", time);

    /// <summary>What daemons send: check-ins, reports, progress.</summary>
    internal RateLimit<DeviceId> Plans { get; } =
        new(options.PlanMessagesPerMinuteMax, TimeSpan.FromMinutes(1), "messages of this device", time);

    /// <summary>Memory for packs that are being checked and stored.</summary>
    internal ByteBudget UploadMemory { get; } = new(
        options.UploadBytesMax, options.UploadWait, "The server stores as many packs as its memory allows.", time);

    /// <summary>Memory for records that are being sent.</summary>
    internal ByteBudget ReadMemory { get; } = new(
        options.ReadBytesMax, options.UploadWait, "The server sends as many records as its memory allows.", time);

    internal AtOnceLimit Reads { get; } = new(options.ReadsPerDeviceMax, "requests for records");

    public void Dispose()
    {
        UploadMemory.Dispose();
        ReadMemory.Dispose();
    }

    /// <summary>Runs an attempt to prove an identity, and counts it against the caller's address if it fails.</summary>
    internal async Task<T> AttemptAsync<T>(HttpContext context, Func<Task<T>> attempt)
    {
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        _failures.DemandRoom(address);
        try
        {
            return await attempt();
        }
        catch (VaultException exception) when (exception.Code
            is ErrorCode.TokenInvalid or ErrorCode.TokenUsed or ErrorCode.TokenExpired or ErrorCode.SessionRefused)
        {
            _failures.Add(address);
            throw;
        }
    }
}
