namespace Beffroi.Business.Members.Documents;

/// <summary>A file kept for a member.</summary>
public readonly record struct DocumentId(Guid Value)
{
    public static DocumentId New() => new(RandomId.New());

    public override string ToString() => Value.ToString("D");
}
