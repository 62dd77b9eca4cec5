package io.election.testing.servers;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * A certificate authority of its own and what it has signed, as PEM files: a server at
 * 127.0.0.1 and a client.
 * <p>
 * Keys are elliptic (P-256) and in PKCS#8 form, which Java, Go and C read alike. They are
 * made once on a machine and name.
 */
public final class TestCertificates {

	private static final String PASSWORD = "secret";

	private static final List<String> KEY = List.of("-genkeypair", "-keyalg", "EC", "-groupname", "secp256r1",
			"-validity", "36500", "-storetype", "PKCS12", "-keystore", "all.p12", "-storepass", PASSWORD);

	private static final List<String> CA = List.of("-alias", "ca", "-ext", "bc:critical=ca:true", "-ext",
			"ku:critical=keyCertSign,cRLSign");

	private static final List<String> SERVER = List.of("-alias", "server", "-dname", "CN=server", "-signer", "ca",
			"-ext", "san=ip:127.0.0.1,dns:localhost");

	private static final List<String> CLIENT = List.of("-alias", "client", "-dname", "CN=client", "-signer", "ca");

	private static final FileAttribute<Set<PosixFilePermission>> KEY_PERMISSIONS = PosixFilePermissions
		.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

	private final Path folder;

	private TestCertificates(Path folder) {
		this.folder = folder;
	}

	/**
	 * Return the certificates of an authority.
	 * @param name the name of the authority: what one has signed is nothing to another
	 * @return its certificates
	 */
	public static TestCertificates of(String name) {
		String recipe = "keytool " + KEY + CA + SERVER + CLIENT + KEY_PERMISSIONS.value();
		return new TestCertificates(
				ServerCache.folder("certificates-" + name, recipe, (folder) -> create(name, folder)));
	}

	/**
	 * Return the certificate of the authority.
	 * @return the file
	 */
	public Path caCertificate() {
		return certificate("ca");
	}

	public Path serverCertificate() {
		return certificate("server");
	}

	public Path serverKey() {
		return key("server");
	}

	/**
	 * Return the certificate of the client, whose common name is {@code client}.
	 * @return the file
	 */
	public Path clientCertificate() {
		return certificate("client");
	}

	public Path clientKey() {
		return key("client");
	}

	private Path certificate(String alias) {
		return this.folder.resolve(alias + ".crt");
	}

	private Path key(String alias) {
		return this.folder.resolve(alias + ".key");
	}

	private static void create(String name, Path folder) throws IOException {
		TestCertificates certificates = new TestCertificates(folder);
		keytool(folder, CA, List.of("-dname", "CN=" + name));
		keytool(folder, SERVER, List.of());
		keytool(folder, CLIENT, List.of());
		try (InputStream stream = Files.newInputStream(folder.resolve("all.p12"))) {
			KeyStore store = KeyStore.getInstance("PKCS12");
			store.load(stream, PASSWORD.toCharArray());
			for (String alias : List.of("ca", "server", "client")) {
				Certificate certificate = store.getCertificate(alias);
				Files.writeString(certificates.certificate(alias), pem("CERTIFICATE", certificate.getEncoded()));
				Key key = store.getKey(alias, PASSWORD.toCharArray());
				// PostgreSQL takes no others
				Files.createFile(certificates.key(alias), KEY_PERMISSIONS);
				Files.writeString(certificates.key(alias), pem("PRIVATE KEY", key.getEncoded()));
			}
		}
		catch (GeneralSecurityException ex) {
			throw new IOException("Cannot read what keytool wrote", ex);
		}
	}

	private static void keytool(Path folder, List<String> options, List<String> more) throws IOException {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
		command.addAll(KEY);
		command.addAll(options);
		command.addAll(more);
		Command.run(new ProcessBuilder(command).directory(folder.toFile())).required();
	}

	private static String pem(String type, byte[] content) {
		String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
		return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
	}

}
