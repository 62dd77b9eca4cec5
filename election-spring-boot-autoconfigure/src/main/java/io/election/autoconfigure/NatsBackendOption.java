package io.election.autoconfigure;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

import io.election.autoconfigure.ElectionProperties.Storage;
import io.election.store.Backend;
import io.election.store.nats.NatsBackend;
import io.election.store.nats.NatsSettings;
import io.election.store.nats.NatsSslContext;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/**
 * Elections in NATS.
 */
class NatsBackendOption implements BackendOption {

	static final String NAME = "nats";

	private static final ClientLibrary LIBRARY = new ClientLibrary("io.nats:jnats", "2.25.2");

	private static final ServerUrls URLS = new ServerUrls("election.nats.servers", List.of("nats", "tls"),
			"election.nats.username, password or token");

	private final ElectionProperties.Nats properties;

	private final NatsConnectionDetails connectionDetails;

	private final ObjectProvider<SslBundles> sslBundles;

	NatsBackendOption(ElectionProperties.Nats properties, NatsConnectionDetails connectionDetails,
			ObjectProvider<SslBundles> sslBundles) {
		this.properties = properties;
		this.connectionDetails = connectionDetails;
		this.sslBundles = sslBundles;
	}

	@Override
	public String name() {
		return NAME;
	}

	@Override
	public @Nullable String obstacle() {
		return this.connectionDetails.getServers().isEmpty() ? "election.nats.servers is not set" : null;
	}

	@Override
	public Backend create() {
		if (this.connectionDetails.getServers().isEmpty()) {
			throw new ElectionConfigurationException(
					"election.backend is 'nats', but election.nats.servers is not set.",
					"Set election.nats.servers to the URLs of the servers, such as nats://nats-0:4222, or set "
							+ "election.backend=memory for development and tests in one JVM.");
		}
		try {
			return LIBRARY.link(() -> new NatsBackend(this::settings));
		}
		catch (IllegalArgumentException ex) {
			throw new ElectionConfigurationException(ex.getMessage() + ".", "Change the properties of election.nats.");
		}
	}

	NatsSettings settings() {
		List<URI> servers = URLS.read(this.connectionDetails.getServers());
		boolean encrypted = StringUtils.hasText(this.properties.ssl().bundle())
				|| servers.stream().anyMatch((server) -> "tls".equals(server.getScheme()));
		return new NatsSettings(servers, textOrNull(this.connectionDetails.getUsername()),
				textOrNull(this.connectionDetails.getPassword()), textOrNull(this.connectionDetails.getToken()),
				credentials(), encrypted ? this::sslContext : null, textOrNull(this.properties.domain()),
				this.properties.bucket(), this.properties.replicas(), this.properties.storage() == Storage.MEMORY,
				this.properties.inboxPrefix());
	}

	/** Read anew for each connection: JWTs are renewed while applications run. */
	private @Nullable Path credentials() {
		String file = textOrNull(this.properties.credentials());
		if (file == null) {
			return null;
		}
		try {
			Path path = Path.of(file);
			if (Files.isReadable(path)) {
				return path;
			}
		}
		catch (InvalidPathException ex) {
			// The same to whoever wrote it
		}
		throw new IllegalArgumentException(
				"election.nats.credentials is '%s', which is no file that can be read".formatted(file));
	}

	/** Made anew for each connection: certificates are renewed while applications run. */
	private NatsSslContext sslContext() {
		String name = this.properties.ssl().bundle();
		if (!StringUtils.hasText(name)) {
			try {
				return new NatsSslContext(SSLContext.getDefault(), new SSLParameters());
			}
			catch (NoSuchAlgorithmException ex) {
				throw new IllegalArgumentException("There can be no TLS connection to NATS: " + ex.getMessage(), ex);
			}
		}
		SslBundle bundle = bundle(name);
		return new NatsSslContext(bundle.createSslContext(),
				new SSLParameters(bundle.getOptions().getCiphers(), bundle.getOptions().getEnabledProtocols()));
	}

	private SslBundle bundle(String name) {
		try {
			return this.sslBundles.getObject().getBundle(name);
		}
		catch (NoSuchSslBundleException ex) {
			throw new IllegalArgumentException(
					"election.nats.ssl.bundle is '%s', but there is no such SSL bundle".formatted(name), ex);
		}
	}

	private static @Nullable String textOrNull(@Nullable String text) {
		return StringUtils.hasText(text) ? text : null;
	}

}
