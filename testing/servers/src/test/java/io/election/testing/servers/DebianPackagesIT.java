package io.election.testing.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link DebianPackages}, with the machine's apt.
 */
class DebianPackagesIT {

	private static final Duration LIMIT = Duration.ofSeconds(120);

	@TempDir
	Path cache;

	@Test
	void usesWhatTheCacheHasWithoutAskingAMirror() {
		Path root = EtcdVersion.V3_4.packages().install().root();
		String nowhere = "http://127.0.0.1:" + FreePort.find();
		assertThat(install(ServerCache.root(), nowhere)).contains("installed " + root).doesNotContain("Fetching");
	}

	@Test
	void tellsWhatToInstallIfNoMirrorAnswers() {
		String nowhere = "http://127.0.0.1:" + FreePort.find();
		assertThat(install(this.cache, nowhere)).contains("Fetching etcd 3.4 from Debian's bookworm")
			.contains("It takes apt-get and dpkg-deb (install apt and dpkg)")
			.contains(AptRoot.MIRROR_PROPERTY)
			.contains(nowhere)
			.doesNotContain("installed");
	}

	@Test
	void refusesWhatDebianHasNotSigned() throws IOException {
		HttpServer mirror = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
		mirror.createContext("/", (exchange) -> {
			boolean release = exchange.getRequestURI().getPath().endsWith("/Release");
			byte[] body = "Origin: Debian\nCodename: bookworm\nSHA256:\n".getBytes(StandardCharsets.UTF_8);
			exchange.sendResponseHeaders(release ? 200 : 404, release ? body.length : -1);
			if (release) {
				exchange.getResponseBody().write(body);
			}
			exchange.close();
		});
		mirror.start();
		try {
			String url = "http://127.0.0.1:" + mirror.getAddress().getPort();
			assertThat(install(this.cache, url)).contains("is not signed").doesNotContain("installed");
		}
		finally {
			mirror.stop(0);
		}
	}

	@Test
	void refusesAnotherVersionThanTheOneItIsNamedAfter() {
		assertThat(install(this.cache, null, "3\\.3\\..*")).contains("bookworm has etcd-server=3.4.")
			.contains("no etcd 3.4 any more")
			.doesNotContain("installed");
	}

	private static String install(Path cache, String mirror, String... version) {
		JavaProcess.Builder builder = JavaProcess.of(Installer.class)
			.arguments(version)
			.options("-D" + ServerCache.FOLDER_PROPERTY + "=" + cache);
		if (mirror != null) {
			builder.options("-D" + AptRoot.MIRROR_PROPERTY + "=" + mirror);
		}
		try (JavaProcess process = builder.start()) {
			process.awaitLine("end"::equals, LIMIT);
			return String.join("\n", process.lines());
		}
	}

	/**
	 * Installs etcd if its version matches.
	 */
	static final class Installer {

		private Installer() {
		}

		public static void main(String[] args) {
			DebianPackages known = EtcdVersion.V3_4.packages();
			Pattern version = (args.length > 0) ? Pattern.compile(args[0]) : known.version();
			DebianPackages packages = new DebianPackages(known.product(), known.suite(), version, known.packages(),
					known.programs(), known.withLibraries());
			try {
				System.out.println("installed " + packages.install().root());
			}
			catch (RuntimeException ex) {
				System.out.println(ex.getMessage());
			}
			System.out.println("end");
		}

	}

}
