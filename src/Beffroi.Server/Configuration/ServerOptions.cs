namespace Beffroi.Server.Configuration;

/// <summary>Section <c>Beffroi</c> of the configuration; every member is in the table of
/// docs/operations/server.md.</summary>
internal sealed class ServerOptions
{
    internal const string Section = "Beffroi";

    /// <summary>Folder of everything the server keeps.</summary>
    public string Data { get; set; } = "";

    /// <summary>Addresses to listen on, parted by semicolons.</summary>
    public string Urls { get; set; } = "";

    /// <summary>A PostgreSQL of one's own; without it the server runs a private one in its data folder.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>A reverse proxy ends TLS in front: plain HTTP is then allowed on any address.</summary>
    public bool BehindProxy { get; set; }

    /// <summary>Addresses of the proxies whose X-Forwarded headers are believed, besides this machine.</summary>
    public string[] KnownProxies { get; set; } = [];

    /// <summary>Names and addresses under which agents reach the server, for its self-made certificate.</summary>
    public string[] PublicHostNames { get; set; } = [];

    public CertificateOptions Certificate { get; set; } = new();

    /// <summary>An S3 store for the blobs; without it they are files in the data folder.</summary>
    public ObjectStoreOptions ObjectStore { get; set; } = new();

    /// <summary>Free disk space that uploads leave alone, in megabytes: a full disk must not stop the database
    /// too.</summary>
    public long BlobReserveMegabytes { get; set; }

    /// <summary>Quota of a new vault in gigabytes (10^9 bytes) by the member's level of service.</summary>
    public Dictionary<string, long> QuotaGigabytesByLevel { get; set; } = [];

    public int EnrolmentTokenDays { get; set; }

    /// <summary>Folder of the agent's installers, as ./build --deb --msi makes them; without it,
    /// <c>installers</c> in the data folder.</summary>
    public string? InstallerFolder { get; set; }

    /// <summary>Bearer token with which a monitoring system reads /metrics from elsewhere than this machine.</summary>
    public string? MetricsToken { get; set; }

    public PostgresOptions Postgres { get; set; } = new();

    /// <summary>What people see, and how they sign in.</summary>
    public PortalSettings Portal { get; set; } = new();

    /// <summary>The mail server that mails go through.</summary>
    public SmtpSettings Smtp { get; set; } = new();

    /// <summary>What agents may ask for at once and how often.</summary>
    public IntakeSettings Intake { get; set; } = new();
}

/// <summary>A certificate of one's own: PEM (certificate with its chain, and key) or PFX.</summary>
internal sealed class CertificateOptions
{
    public string? Path { get; set; }
    public string? KeyPath { get; set; }
    public string? Password { get; set; }
}

/// <summary>An S3 store. The secrets are best given by the environment.</summary>
internal sealed class ObjectStoreOptions
{
    public string? Endpoint { get; set; }
    public string? Bucket { get; set; }
    public string? AccessKey { get; set; }
    public string? SecretKey { get; set; }

    /// <summary>Put before every name; ends with a slash.</summary>
    public string Prefix { get; set; } = "";

    public string Region { get; set; } = "us-east-1";
}

/// <summary>How the private PostgreSQL is run.</summary>
internal sealed class PostgresOptions
{
    /// <summary>Folder of initdb, postgres and pg_ctl; found by itself in the usual places.</summary>
    public string? BinFolder { get; set; }

    /// <summary>Account that runs it when the server is root, which PostgreSQL refuses.</summary>
    public string? User { get; set; }
}
