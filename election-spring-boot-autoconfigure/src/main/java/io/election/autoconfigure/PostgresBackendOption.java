package io.election.autoconfigure;

import java.util.List;
import java.util.Objects;

import io.election.store.Backend;
import io.election.store.jdbc.JdbcBackend;
import io.election.store.jdbc.JdbcSettings;
import org.jspecify.annotations.Nullable;

/**
 * Elections in tables of PostgreSQL.
 */
class PostgresBackendOption implements BackendOption {

	static final String NAME = "postgres";

	private final ElectionProperties.Jdbc properties;

	private final List<JdbcAccessSource> sources;

	PostgresBackendOption(ElectionProperties.Jdbc properties, List<JdbcAccessSource> sources) {
		this.properties = properties;
		this.sources = sources;
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	public @Nullable String obstacle() {
		return obstacle(access());
	}

	@Override
	public Backend create() {
		try {
			return new JdbcBackend(settings());
		}
		catch (IllegalArgumentException ex) {
			throw new ElectionConfigurationException(String.valueOf(ex.getMessage()),
					"Change the properties of election.jdbc, or those of the DataSource.");
		}
	}

	JdbcSettings settings() {
		JdbcAccess access = access();
		String obstacle = obstacle(access);
		if (access == null || obstacle != null) {
			throw new ElectionConfigurationException("election.backend is 'postgres', but %s.".formatted(obstacle),
					"Set election.jdbc.url to that of a PostgreSQL database, or configure the DataSource of the "
							+ "application for one, or set election.backend=memory for development and tests in one JVM.");
		}
		return access.toSettings(this.properties);
	}

	private @Nullable JdbcAccess access() {
		return this.sources.stream().map(JdbcAccessSource::find).filter(Objects::nonNull).findFirst().orElse(null);
	}

	private @Nullable String obstacle(@Nullable JdbcAccess access) {
		if (access == null) {
			return "there is neither election.jdbc.url nor a DataSource of HikariCP (the primary one, if there are "
					+ "several) nor JdbcConnectionDetails";
		}
		return access.isFor("postgresql") ? null : "%s is for %s".formatted(access.origin(), access.protocol());
	}

}
