using Beffroi.Agent.Commands;
using Beffroi.Agent.Configuration;
using Beffroi.Protocol;
using Beffroi.Protocol.Client;
using Beffroi.Vault;
using Beffroi.Vault.Crypto;
using Beffroi.Vault.Records;
using Enrolment = Beffroi.Agent.Configuration.Enrolment;

namespace Beffroi.Agent.Enrolling;

/// <summary>Makes this computer a device, whoever asks: a person, an installer, or the service at its start.</summary>
internal static class EnrolmentRun
{
    /// <summary>Enrols with a server.</summary>
    /// <param name="name">How the computer is called, unless the token says another name.</param>
    internal static async Task<(Enrolment Enrolment, EnrolmentAnswer Answer)> EnrolAsync(
        AgentContext context, PendingEnrolment wanted, string name, CancellationToken cancellationToken)
    {
        var token = EnrolmentToken.Parse(wanted.Token);
        await using var connection = context.ConnectFirst(wanted.Server, token);
        EnrolmentFile.TrySaving(context.Home);
        using var signKey = SigningKey.Generate();
        using var sealKey = HpkePrivateKey.Generate();
        var machine = ConvergenceSecret.Generate();
        var request = new EnrolmentRequest(
            wanted.Token, name, PlatformName, AgentContext.Version, signKey.PublicKey.ToArray(),
            sealKey.PublicKey.ToArray(), machine.Id.Value);
        var client = new EnrolmentClient(connection, context.Patience(RetryPolicy.QueryPatience));
        var (answer, authority) = await client.EnrolAsync(request, cancellationToken);
        if (answer.Chunker != 1)
            throw new VaultException(ErrorCode.ProtocolUnsupported, retryable: false,
                $"The server asks for chunker {answer.Chunker}, which this agent does not know. Update the agent.");
        var enrolment = new Enrolment
        {
            Server = wanted.Server,
            AuthorityPem = authority,
            Vault = new VaultId(answer.Vault),
            Device = new DeviceId(answer.Device),
            DeviceName = answer.Name ?? name,
            MemberName = answer.Member,
            Mode = EnrolmentMode.Managed,
            SigningKey = signKey.ExportPkcs8(),
            SealPrivateScalar = sealKey.Export(),
            MachineSecret = machine,
            GroupSecret = new ConvergenceSecret(new SecretId(answer.GroupSecretId), answer.GroupSecret),
            RecoveryPublicKey = answer.RecoveryKey,
            KeyServicePublicKey = answer.ServiceKey,
            ServerPublicKey = answer.ServerKey,
            Chunker = (byte)answer.Chunker,
        };
        EnrolmentFile.Save(context.Home, enrolment);
        PendingEnrolment.Delete(context.Home);
        return (enrolment, answer);
    }

    /// <summary>Carries out what an installer left. A request that the server refuses is of no more use, and goes; one
    /// that it never heard stays.</summary>
    /// <exception cref="VaultException">The computer is not enrolled.</exception>
    internal static async Task<(Enrolment Enrolment, EnrolmentAnswer Answer)> EnrolPendingAsync(
        AgentContext context, PendingEnrolment pending, CancellationToken cancellationToken)
    {
        try
        {
            return await EnrolAsync(context, pending, Environment.MachineName, cancellationToken);
        }
        catch (VaultException failure) when (
            failure.Code is ErrorCode.TokenInvalid or ErrorCode.TokenUsed or ErrorCode.TokenExpired)
        {
            PendingEnrolment.Delete(context.Home);
            throw;
        }
    }

    /// <summary>The enrolment of this computer, made now if an installer asked for it.</summary>
    /// <exception cref="VaultException"><see cref="ErrorCode.NotEnrolled"/>, or why it could not be made.</exception>
    internal static async Task<Enrolment> LoadOrEnrolAsync(AgentContext context, CancellationToken cancellationToken)
    {
        if (EnrolmentFile.Exists(context.Home) || PendingEnrolment.Load(context.Home) is not { } pending)
            return context.LoadEnrolment();

        context.Terminal.Note($"Enrolling with {pending.Server}, as the installer asked.");
        var (enrolment, answer) = await EnrolPendingAsync(context, pending, cancellationToken);
        context.Terminal.Note($"'{enrolment.DeviceName}' is now a device of {answer.Member}.");
        return enrolment;
    }

    private static string PlatformName =>
        OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "linux";
}
