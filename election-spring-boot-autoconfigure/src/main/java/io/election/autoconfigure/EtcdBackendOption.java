package io.election.autoconfigure;

import java.net.URI;
import java.util.List;

import javax.net.ssl.SSLException;

import io.election.store.Backend;
import io.election.store.etcd.EtcdBackend;
import io.election.store.etcd.EtcdSettings;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.ssl.SslOptions;
import org.springframework.util.StringUtils;

/**
 * Elections in etcd.
 */
class EtcdBackendOption implements BackendOption {

	static final String NAME = "etcd";

	private static final ClientLibrary LIBRARY = new ClientLibrary("io.etcd:jetcd-core", "0.8.7");

	private static final ServerUrls URLS = new ServerUrls("election.etcd.endpoints", List.of("http", "https"),
			"election.etcd.username and password");

	private final ElectionProperties.Etcd properties;

	private final long firstToken;

	private final EtcdConnectionDetails connectionDetails;

	private final ObjectProvider<SslBundles> sslBundles;

	EtcdBackendOption(ElectionProperties.Etcd properties, long firstToken, EtcdConnectionDetails connectionDetails,
			ObjectProvider<SslBundles> sslBundles) {
		this.properties = properties;
		this.firstToken = firstToken;
		this.connectionDetails = connectionDetails;
		this.sslBundles = sslBundles;
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	public @Nullable String obstacle() {
		return this.connectionDetails.getEndpoints().isEmpty() ? "election.etcd.endpoints is not set" : null;
	}

	@Override
	public Backend create() {
		if (this.connectionDetails.getEndpoints().isEmpty()) {
			throw new ElectionConfigurationException(
					"election.backend is 'etcd', but election.etcd.endpoints is not set.",
					"Set election.etcd.endpoints to the URLs of the members of the cluster, such as http://etcd-0:2379, or "
							+ "set election.backend=memory for development and tests in one JVM.");
		}
		try {
			return LIBRARY.link(() -> new EtcdBackend(this::settings, this.firstToken));
		}
		catch (IllegalArgumentException ex) {
			throw new ElectionConfigurationException(ex.getMessage() + ".", "Change the properties of election.etcd.");
		}
	}

	EtcdSettings settings() {
		List<URI> endpoints = URLS.read(this.connectionDetails.getEndpoints());
		boolean encrypted = StringUtils.hasText(this.properties.ssl().bundle())
				|| endpoints.stream().anyMatch((endpoint) -> "https".equals(endpoint.getScheme()));
		return new EtcdSettings(endpoints, textOrNull(this.connectionDetails.getUsername()),
				textOrNull(this.connectionDetails.getPassword()), encrypted ? this::sslContext : null,
				textOrNull(this.properties.authority()), this.properties.prefix());
	}

	/** Made anew for each connection: certificates are renewed while applications run. */
	private SslContext sslContext() {
		SslContextBuilder builder = GrpcSslContexts.forClient();
		String name = this.properties.ssl().bundle();
		if (StringUtils.hasText(name)) {
			SslBundle bundle = bundle(name);
			SslOptions options = bundle.getOptions();
			builder.keyManager(bundle.getManagers().getKeyManagerFactory())
				.trustManager(bundle.getManagers().getTrustManagerFactory())
				.protocols(options.getEnabledProtocols());
			if (options.getCiphers() != null) {
				builder.ciphers(List.of(options.getCiphers()));
			}
		}
		try {
			return builder.build();
		}
		catch (SSLException ex) {
			throw new IllegalArgumentException("There can be no TLS connection to etcd: " + ex.getMessage(), ex);
		}
	}

	private SslBundle bundle(String name) {
		try {
			return this.sslBundles.getObject().getBundle(name);
		}
		catch (NoSuchSslBundleException ex) {
			throw new IllegalArgumentException(
					"election.etcd.ssl.bundle is '%s', but there is no such SSL bundle".formatted(name), ex);
		}
	}

	private static @Nullable String textOrNull(@Nullable String text) {
		return StringUtils.hasText(text) ? text : null;
	}

}
