DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'identity') THEN
        CREATE SCHEMA identity;
    END IF;
END $EF$;
CREATE TABLE IF NOT EXISTS identity.schema_migrations (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL,
    CONSTRAINT "PK_schema_migrations" PRIMARY KEY ("MigrationId")
);

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'identity') THEN
        CREATE SCHEMA identity;
    END IF;
END $EF$;

CREATE TABLE identity.operators (
    id uuid NOT NULL,
    name character varying(200),
    siret character(14),
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT operators_pkey PRIMARY KEY (id)
);

CREATE TABLE identity.members (
    id uuid NOT NULL,
    operator_id uuid NOT NULL,
    name character varying(200) NOT NULL,
    siret character(14) NOT NULL,
    population integer,
    level smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT members_pkey PRIMARY KEY (id),
    CONSTRAINT members_level_check CHECK (level between 1 and 3),
    CONSTRAINT members_population_check CHECK (population >= 0),
    CONSTRAINT members_operator_id_fkey FOREIGN KEY (operator_id) REFERENCES identity.operators (id) ON DELETE RESTRICT
);

CREATE INDEX members_operator_id_idx ON identity.members (operator_id);

CREATE UNIQUE INDEX members_siret_key ON identity.members (siret);

CREATE UNIQUE INDEX operators_siret_key ON identity.operators (siret);

insert into identity.operators (id, created_at) values (gen_random_uuid(), now());

INSERT INTO identity.schema_migrations ("MigrationId", "ProductVersion")
VALUES ('20261121040340_Initial', '10.0.14');

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'fleet') THEN
        CREATE SCHEMA fleet;
    END IF;
END $EF$;
CREATE TABLE IF NOT EXISTS fleet.schema_migrations (
    "MigrationId" character varying(150) NOT NULL,
    "ProductVersion" character varying(32) NOT NULL,
    CONSTRAINT "PK_schema_migrations" PRIMARY KEY ("MigrationId")
);

DO $EF$
BEGIN
    IF NOT EXISTS(SELECT 1 FROM pg_namespace WHERE nspname = 'fleet') THEN
        CREATE SCHEMA fleet;
    END IF;
END $EF$;

CREATE TABLE fleet.journal (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    act text NOT NULL,
    vault_id uuid,
    detail jsonb NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT journal_pkey PRIMARY KEY (id)
);

CREATE TABLE fleet.vaults (
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    mode text NOT NULL,
    recovery_public_key bytea NOT NULL,
    service_public_key bytea NOT NULL,
    service_private_key_wrapped bytea NOT NULL,
    group_secret_id uuid NOT NULL,
    group_secret_wrapped bytea NOT NULL,
    quota_bytes bigint NOT NULL,
    used_bytes bigint NOT NULL,
    log_height bigint NOT NULL,
    log_head bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT vaults_pkey PRIMARY KEY (id),
    CONSTRAINT vaults_bytes_check CHECK (quota_bytes >= 0 and used_bytes >= 0),
    CONSTRAINT vaults_mode_check CHECK (mode in ('managed', 'zero_knowledge')),
    CONSTRAINT vaults_recovery_public_key_check CHECK (octet_length(recovery_public_key) = 65),
    CONSTRAINT vaults_service_public_key_check CHECK (octet_length(service_public_key) = 65)
);

CREATE TABLE fleet.devices (
    id uuid NOT NULL,
    vault_id uuid NOT NULL,
    name character varying(200) NOT NULL,
    kind text NOT NULL,
    platform character varying(200) NOT NULL,
    agent_version character varying(64) NOT NULL,
    sign_key bytea NOT NULL,
    hpke_key bytea NOT NULL,
    machine_secret_ordinal smallint NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    last_seen_at timestamp with time zone,
    last_sequence bigint NOT NULL,
    last_commit_id bytea,
    last_snapshot_at timestamp with time zone,
    CONSTRAINT devices_pkey PRIMARY KEY (id),
    CONSTRAINT devices_hpke_key_check CHECK (octet_length(hpke_key) = 65),
    CONSTRAINT devices_kind_check CHECK (kind in ('fixed', 'laptop', 'server')),
    CONSTRAINT devices_sign_key_check CHECK (octet_length(sign_key) = 65),
    CONSTRAINT devices_vault_id_fkey FOREIGN KEY (vault_id) REFERENCES fleet.vaults (id) ON DELETE RESTRICT
);

CREATE TABLE fleet.packs (
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    pack_id bytea NOT NULL,
    vault_id uuid NOT NULL,
    kind smallint NOT NULL,
    bytes integer NOT NULL,
    record_count integer NOT NULL,
    received_at timestamp with time zone NOT NULL,
    quarantined_at timestamp with time zone,
    CONSTRAINT packs_pkey PRIMARY KEY (ordinal),
    CONSTRAINT packs_vault_id_fkey FOREIGN KEY (vault_id) REFERENCES fleet.vaults (id) ON DELETE RESTRICT
);

CREATE TABLE fleet.secrets (
    vault_id uuid NOT NULL,
    ordinal smallint NOT NULL,
    secret_id uuid NOT NULL,
    device_id uuid,
    CONSTRAINT secrets_pkey PRIMARY KEY (vault_id, ordinal),
    CONSTRAINT secrets_vault_id_fkey FOREIGN KEY (vault_id) REFERENCES fleet.vaults (id) ON DELETE RESTRICT
);

CREATE TABLE fleet.enrolment_tokens (
    token_hash bytea NOT NULL,
    vault_id uuid NOT NULL,
    device_kind text NOT NULL,
    replaces_device_id uuid,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    used_by_device_id uuid,
    CONSTRAINT enrolment_tokens_pkey PRIMARY KEY (token_hash),
    CONSTRAINT enrolment_tokens_replaces_device_id_fkey FOREIGN KEY (replaces_device_id) REFERENCES fleet.devices (id) ON DELETE RESTRICT,
    CONSTRAINT enrolment_tokens_vault_id_fkey FOREIGN KEY (vault_id) REFERENCES fleet.vaults (id) ON DELETE RESTRICT
);

CREATE TABLE fleet.snapshots (
    id bytea NOT NULL,
    vault_id uuid NOT NULL,
    device_id uuid NOT NULL,
    sequence bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    root_id bytea NOT NULL,
    files bigint NOT NULL,
    directories bigint NOT NULL,
    logical_bytes bigint NOT NULL,
    stored_bytes bigint NOT NULL,
    warnings bigint NOT NULL,
    object_name text NOT NULL,
    CONSTRAINT snapshots_pkey PRIMARY KEY (id),
    CONSTRAINT snapshots_device_id_fkey FOREIGN KEY (device_id) REFERENCES fleet.devices (id) ON DELETE RESTRICT,
    CONSTRAINT snapshots_vault_id_fkey FOREIGN KEY (vault_id) REFERENCES fleet.vaults (id) ON DELETE RESTRICT
);

CREATE INDEX devices_vault_id_idx ON fleet.devices (vault_id);

CREATE INDEX enrolment_tokens_replaces_device_id_idx ON fleet.enrolment_tokens (replaces_device_id);

CREATE INDEX enrolment_tokens_vault_id_idx ON fleet.enrolment_tokens (vault_id);

CREATE INDEX journal_vault_id_at_idx ON fleet.journal (vault_id, at);

CREATE UNIQUE INDEX packs_vault_id_pack_id_key ON fleet.packs (vault_id, pack_id);

CREATE UNIQUE INDEX secrets_secret_id_key ON fleet.secrets (vault_id, secret_id);

CREATE UNIQUE INDEX snapshots_device_id_sequence_key ON fleet.snapshots (device_id, sequence);

CREATE INDEX snapshots_vault_id_received_at_idx ON fleet.snapshots (vault_id, received_at);

CREATE UNIQUE INDEX vaults_member_id_key ON fleet.vaults (member_id);

create table fleet.records (
    vault_id uuid not null,
    id bytea not null,
    pack_ordinal bigint not null,
    "offset" integer not null,
    length integer not null,
    type smallint not null,
    secret_ordinal smallint not null,
    damaged boolean not null default false,
    constraint records_pkey primary key (vault_id, id)
) partition by list (vault_id);

INSERT INTO fleet.schema_migrations ("MigrationId", "ProductVersion")
VALUES ('20261121040344_Initial', '10.0.14');

