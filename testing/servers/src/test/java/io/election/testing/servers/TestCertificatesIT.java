package io.election.testing.servers;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests of {@link TestCertificates}, with keytool.
 */
class TestCertificatesIT {

	@Test
	void areSignedByTheirAuthorityOnly() throws Exception {
		TestCertificates certificates = TestCertificates.of("test");
		X509Certificate ca = certificate(certificates.caCertificate());
		X509Certificate other = certificate(TestCertificates.of("other").caCertificate());
		for (Path file : new Path[] { certificates.serverCertificate(), certificates.clientCertificate() }) {
			X509Certificate certificate = certificate(file);
			certificate.verify(ca.getPublicKey());
			assertThatExceptionOfType(SignatureException.class)
				.isThrownBy(() -> certificate.verify(other.getPublicKey()));
		}
		assertThat(certificate(certificates.serverCertificate()).getSubjectAlternativeNames())
			.anySatisfy((name) -> assertThat(name).last().isEqualTo("127.0.0.1"));
	}

	@Test
	void comeWithTheirKeysInPkcs8() throws Exception {
		TestCertificates certificates = TestCertificates.of("test");
		assertThat(matches(certificates.serverKey(), certificates.serverCertificate())).isTrue();
		assertThat(matches(certificates.clientKey(), certificates.clientCertificate())).isTrue();
		assertThat(matches(certificates.clientKey(), certificates.serverCertificate())).isFalse();
	}

	private static boolean matches(Path key, Path certificate) throws Exception {
		String body = Files.readString(key).replaceAll("-----[A-Z ]+-----|\n", "");
		PrivateKey privateKey = KeyFactory.getInstance("EC")
			.generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
		Signature signature = Signature.getInstance("SHA256withECDSA");
		signature.initSign(privateKey);
		signature.update((byte) 42);
		byte[] signed = signature.sign();
		signature.initVerify(certificate(certificate));
		signature.update((byte) 42);
		return signature.verify(signed);
	}

	private static X509Certificate certificate(Path file) throws Exception {
		try (InputStream stream = Files.newInputStream(file)) {
			return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(stream);
		}
	}

}
