namespace Beffroi.Vault;

/// <summary>Stable codes of expected failures, written BEF-nnnn. Each has
/// an entry in docs/errors.md; a test checks that.</summary>
/// <remarks>1xxx this computer, 2xxx the stored data, 3xxx the store,
/// 4xxx the server's answers, 5xxx the connection.</remarks>
public enum ErrorCode
{
    /// <summary>No error; never used in an exception.</summary>
    None = 0,

    /// <summary>A command's arguments make no sense together.</summary>
    UsageInvalid = 1001,
    /// <summary>This computer is not enrolled.</summary>
    NotEnrolled = 1002,
    /// <summary>Another run of this agent is working.</summary>
    AlreadyRunning = 1003,
    /// <summary>A path to back up does not exist.</summary>
    SourceMissing = 1004,
    /// <summary>Most of what the last snapshot held is gone from the source.</summary>
    SourceVanished = 1005,
    /// <summary>The restore target has too little free space.</summary>
    TargetTooSmall = 1006,
    /// <summary>The restore target cannot be written.</summary>
    TargetUnwritable = 1007,
    /// <summary>No snapshot answers to the given name.</summary>
    SnapshotUnknown = 1008,
    /// <summary>The prefix fits several snapshots.</summary>
    SnapshotAmbiguous = 1009,
    /// <summary>The path is not in the snapshot.</summary>
    PathNotInSnapshot = 1010,
    /// <summary>The agent's own configuration cannot be read.</summary>
    ConfigurationDamaged = 1011,
    /// <summary>The recovery kit cannot be read.</summary>
    KitUnreadable = 1012,
    /// <summary>The recovery kit belongs to another vault.</summary>
    KitForeign = 1013,
    /// <summary>A system library that is needed is absent.</summary>
    LibraryMissing = 1014,
    /// <summary>This system cannot restore a kind of file or of metadata.</summary>
    NotOnThisSystem = 1015,
    /// <summary>A file could not be read.</summary>
    FileUnreadable = 1016,
    /// <summary>A file changed each time it was read.</summary>
    FileChanging = 1017,
    /// <summary>The folder given as packs holds no vault, not the right one, or no packs.</summary>
    PacksMissing = 1018,
    /// <summary>The agent's own folders cannot be written.</summary>
    HomeUnwritable = 1020,
    /// <summary>The work was stopped before its end, by a shutdown or a power failure.</summary>
    WorkInterrupted = 1021,
    /// <summary>A database could not be written into a file.</summary>
    DumpFailed = 1022,
    /// <summary>The plan from the server cannot be carried out here.</summary>
    PlanUnusable = 1023,
    /// <summary>Somebody who is no administrator could have written what the agent goes by.</summary>
    PlaceUntrusted = 1024,

    /// <summary>A record does not follow the format.</summary>
    RecordMalformed = 2001,
    /// <summary>A record's bytes are not those its id names.</summary>
    RecordDamaged = 2002,
    /// <summary>A record could not be decrypted with the key its parent holds.</summary>
    RecordUndecryptable = 2003,
    /// <summary>A record uses a codec, cipher or version that this program does not know.</summary>
    RecordUnsupported = 2004,
    /// <summary>A record's references are not those of its content.</summary>
    ReferencesMismatch = 2005,
    /// <summary>A record that is needed is not in the vault.</summary>
    RecordMissing = 2006,
    /// <summary>A pack does not follow the format.</summary>
    PackMalformed = 2101,
    /// <summary>A pack is shorter or longer than it says.</summary>
    PackLengthWrong = 2102,
    /// <summary>A pack's bytes are not those its name or footer say.</summary>
    PackDamaged = 2103,
    /// <summary>A pack belongs to another vault.</summary>
    PackForeign = 2104,
    /// <summary>Catalogue content does not follow the format.</summary>
    CatalogueMalformed = 2201,
    /// <summary>A commit does not follow the format.</summary>
    CommitMalformed = 2301,
    /// <summary>A commit's signature does not verify.</summary>
    CommitForged = 2302,
    /// <summary>A sealed key does not open with the private key at hand.</summary>
    SealUnopenable = 2303,
    /// <summary>The vault's log is broken.</summary>
    LogBroken = 2401,

    /// <summary>The store has no room left.</summary>
    StoreFull = 3001,
    /// <summary>The store does not answer.</summary>
    StoreUnavailable = 3002,
    /// <summary>The store has no blob of that name.</summary>
    BlobMissing = 3003,
    /// <summary>The store holds other bytes under that name.</summary>
    BlobConflict = 3004,
    /// <summary>The store is not the one that was used before, most often a disk that is not mounted.</summary>
    StoreUnmarked = 3005,
    /// <summary>The medium cannot read bytes that the store holds, such as a bad sector.</summary>
    BlobUnreadable = 3006,

    /// <summary>The token is unknown or malformed.</summary>
    TokenInvalid = 4001,
    /// <summary>The token was used already.</summary>
    TokenUsed = 4002,
    /// <summary>The token is too old.</summary>
    TokenExpired = 4003,
    /// <summary>The server does not accept this device's proof of identity.</summary>
    SessionRefused = 4004,
    /// <summary>The device has been revoked.</summary>
    DeviceRevoked = 4005,
    /// <summary>The member's quota is exhausted.</summary>
    QuotaExceeded = 4006,
    /// <summary>The upload refers to records that the vault does not hold.</summary>
    ReferencesMissing = 4007,
    /// <summary>The commit's sequence number or predecessor does not follow.</summary>
    CommitOutOfOrder = 4008,
    /// <summary>The request is not one this server understands.</summary>
    RequestMalformed = 4009,
    /// <summary>Agent and server share no protocol version.</summary>
    ProtocolUnsupported = 4010,
    /// <summary>The caller has no right to that.</summary>
    Forbidden = 4011,
    /// <summary>Too many requests for now.</summary>
    RateLimited = 4012,
    /// <summary>An approval by a person is required first.</summary>
    ApprovalRequired = 4013,
    /// <summary>The named member, device or other object does not exist.</summary>
    NotFound = 4014,
    /// <summary>The server's database is newer than this program.</summary>
    SchemaTooNew = 4015,
    /// <summary>The server's key file is absent or damaged.</summary>
    KeyFileMissing = 4016,
    /// <summary>The private database could not be started.</summary>
    DatabaseUnavailable = 4017,

    /// <summary>The server cannot be reached.</summary>
    ServerUnreachable = 5001,
    /// <summary>The server's certificate is not the expected one.</summary>
    CertificateRefused = 5002,
    /// <summary>Plain HTTP is not allowed to that address.</summary>
    PlainHttpRefused = 5003,
    /// <summary>The server failed.</summary>
    ServerFailed = 5004,
    /// <summary>The server's answer breaks the protocol.</summary>
    AnswerMalformed = 5005,
}
