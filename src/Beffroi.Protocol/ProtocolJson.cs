using System.Text.Json.Serialization;

namespace Beffroi.Protocol;

/// <summary>How the messages are written: camelCase, absent members left out. Source-generated, so that nothing
/// reflects.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ServerDescription))]
[JsonSerializable(typeof(FailureMessage))]
[JsonSerializable(typeof(EnrolmentRequest))]
[JsonSerializable(typeof(EnrolmentAnswer))]
[JsonSerializable(typeof(ChallengeRequest))]
[JsonSerializable(typeof(ChallengeAnswer))]
[JsonSerializable(typeof(SessionRequest))]
[JsonSerializable(typeof(SessionAnswer))]
[JsonSerializable(typeof(SnapshotList))]
[JsonSerializable(typeof(RootKeyRequest))]
[JsonSerializable(typeof(RootKeyAnswer))]
[JsonSerializable(typeof(VaultMessage))]
[JsonSerializable(typeof(CheckInRequest))]
[JsonSerializable(typeof(CheckInAnswer))]
[JsonSerializable(typeof(OrderProgress))]
[JsonSerializable(typeof(OrderProgressAnswer))]
[JsonSerializable(typeof(RunReport))]
public sealed partial class ProtocolJson : JsonSerializerContext;
