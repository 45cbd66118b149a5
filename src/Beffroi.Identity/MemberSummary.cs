namespace Beffroi.Identity;

/// <summary>A member as other modules know it.</summary>
/// <param name="Level">Level of service, 1 to 3.</param>
public sealed record MemberSummary(MemberId Id, string Name, Siret Siret, int? Population, int Level);

/// <summary>What is said of a new member.</summary>
/// <param name="Level">Level of service, 1 to 3.</param>
public sealed record NewMember(string Name, Siret Siret, int? Population, int Level);

/// <summary>The syndicate; without a name until <c>create-operator</c> gives it one.</summary>
public sealed record OperatorSummary(OperatorId Id, string? Name, Siret? Siret);
