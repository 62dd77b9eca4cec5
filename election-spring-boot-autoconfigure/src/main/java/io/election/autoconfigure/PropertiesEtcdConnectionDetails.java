package io.election.autoconfigure;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Adapts {@link ElectionProperties.Etcd} to {@link EtcdConnectionDetails}.
 */
class PropertiesEtcdConnectionDetails implements EtcdConnectionDetails {

	private final ElectionProperties.Etcd properties;

	PropertiesEtcdConnectionDetails(ElectionProperties.Etcd properties) {
		this.properties = properties;
	}

	@Override
	public List<String> getEndpoints() {
		return this.properties.endpoints();
	}

	@Override
	public @Nullable String getUsername() {
		return this.properties.username();
	}

	@Override
	public @Nullable String getPassword() {
		return this.properties.password();
	}

}
