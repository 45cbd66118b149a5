using System.Text.Json.Serialization;
using Beffroi.Server.Admin.SignOn;

namespace Beffroi.Server.Admin;

/// <summary>How the answers are written with --json: camelCase, every member present.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CreatedOperator))]
[JsonSerializable(typeof(CreatedMember))]
[JsonSerializable(typeof(CreatedUser))]
[JsonSerializable(typeof(AddedRelyingParty))]
[JsonSerializable(typeof(SetProvider))]
[JsonSerializable(typeof(ReplacedKeys))]
[JsonSerializable(typeof(SetAccounts))]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(ToldAccounts))]
[JsonSerializable(typeof(MemberList))]
[JsonSerializable(typeof(QuotaAnswer))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(DeviceList))]
[JsonSerializable(typeof(RevokedDevice))]
[JsonSerializable(typeof(PlanAnswer))]
[JsonSerializable(typeof(OrderAnswer))]
[JsonSerializable(typeof(OrderList))]
[JsonSerializable(typeof(RunList))]
[JsonSerializable(typeof(JournalAnswer))]
[JsonSerializable(typeof(CheckAnswer))]
[JsonSerializable(typeof(RebuildAnswer))]
internal sealed partial class AdminJson : JsonSerializerContext;
