package io.election.autoconfigure;

import java.util.List;
import java.util.Objects;

import io.election.store.Backend;
import io.election.store.jdbc.JdbcBackend;
import io.election.store.jdbc.JdbcSettings;
import org.jspecify.annotations.Nullable;

/**
 * Elections in tables of a database.
 */
class JdbcBackendOption implements BackendOption {

	private final String name;

	private final String product;

	private final ElectionProperties.Jdbc properties;

	/** What stands for the kind of database where the URL is not known. */
	private final String anyUrl;

	private final List<JdbcAccessSource> sources;

	/**
	 * Creates an option.
	 * @param product the kind of database, as people call it
	 */
	JdbcBackendOption(String name, String product, String anyUrl, ElectionProperties.Jdbc properties,
			List<JdbcAccessSource> sources) {
		this.name = name;
		this.product = product;
		this.anyUrl = anyUrl;
		this.properties = properties;
		this.sources = sources;
	}

	@Override
	public String name() {
		return this.name;
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
					"Change the driver, the properties of election.jdbc, or those of the DataSource.");
		}
	}

	JdbcSettings settings() {
		JdbcAccess access = access();
		String obstacle = obstacle(access);
		if (access == null || obstacle != null) {
			throw new ElectionConfigurationException("election.backend is '%s', but %s.".formatted(this.name, obstacle),
					"Set election.jdbc.url to that of a %s database, or configure the DataSource of the "
						.formatted(this.product)
							+ "application for one, or set election.backend=memory for development and tests in one JVM.");
		}
		return access.toSettings(this.properties, this.anyUrl);
	}

	private @Nullable JdbcAccess access() {
		return this.sources.stream().map(JdbcAccessSource::find).filter(Objects::nonNull).findFirst().orElse(null);
	}

	private @Nullable String obstacle(@Nullable JdbcAccess access) {
		if (access == null) {
			return this.sources.stream()
				.map(JdbcAccessSource::obstacle)
				.filter(Objects::nonNull)
				.findFirst()
				.orElse("there is neither election.jdbc.url nor a DataSource nor JdbcConnectionDetails");
		}
		return (access.url() == null || this.name.equals(JdbcBackend.nameFor(access.url()))) ? null
				: "%s is for %s".formatted(access.origin(), access.protocol());
	}

}
