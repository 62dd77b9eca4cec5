package io.election.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Adapts {@link ElectionProperties.Nats} to {@link NatsConnectionDetails}.
 */
class PropertiesNatsConnectionDetails implements NatsConnectionDetails {

	private final ElectionProperties.Nats properties;

	PropertiesNatsConnectionDetails(ElectionProperties.Nats properties) {
		this.properties = properties;
	}

	@Override
	public List<String> getServers() {
		return this.properties.servers();
	}

	@Override
	public @Nullable String getUsername() {
		return this.properties.username();
	}

	@Override
	public @Nullable String getPassword() {
		return this.properties.password();
	}

	@Override
	public @Nullable String getToken() {
		return this.properties.token();
	}

}
