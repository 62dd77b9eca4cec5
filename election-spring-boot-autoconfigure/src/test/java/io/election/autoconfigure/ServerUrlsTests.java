package io.election.autoconfigure;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ServerUrls}.
 */
class ServerUrlsTests {

	private final ServerUrls urls = new ServerUrls("a.property", List.of("http", "https"), "a.username");

	@ParameterizedTest
	@CsvSource({ "http://etcd-0:2379, http://etcd-0:2379", "http://etcd-0, http://etcd-0",
			"HTTP://etcd-0:2379, http://etcd-0:2379", "https://etcd-0:2379/, https://etcd-0:2379",
			"' http://etcd-0', http://etcd-0", "http://10.0.0.1:2379, http://10.0.0.1:2379",
			"http://[::1]:2379, http://[::1]:2379", "http://[fe80::1%25eth0]:2379, http://[fe80::1%25eth0]:2379" })
	void readsUrlsWithSchemeHostAndPort(String text, String expected) {
		assertThat(this.urls.read(List.of(text))).hasToString("[" + expected + "]");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					etcd-0:2379          | which is not a URL of the form http://host:port or https://host:port
					etcd-0               | which is not a URL of the form http://host:port or https://host:port
					127.0.0.1:2379       | which is not a URL of the form http://host:port or https://host:port
					[::1]:2379           | which is not a URL of the form http://host:port or https://host:port
					''                   | which is not a URL of the form http://host:port or https://host:port
					http://              | which is not a URL of the form http://host:port or https://host:port
					http:///             | which is not a URL of the form http://host:port or https://host:port
					http://etcd 0        | which is not a URL of the form http://host:port or https://host:port
					ws://etcd-0:2379     | which is not a URL of the form http://host:port or https://host:port
					http://::1:2379      | which is not a URL of the form http://host:port or https://host:port (an IPv6 address stands in brackets)
					http://etcd_0:2379   | but the name of a host has no underscore: use its address or another name
					http://etcd-0:0      | whose port is not between 1 and 65535
					http://etcd-0:65536  | whose port is not between 1 and 65535
					http://etcd-0/v3     | which has a path, but http://host:port or https://host:port is all there may be
					""")
	void saysWhatIsWrong(String text, String problem) {
		assertThatIllegalArgumentException().isThrownBy(() -> this.urls.read(List.of("http://good", text)))
			.withMessage("a.property contains '" + text + "', " + problem);
	}

	@Test
	void credentialsBelongIntoProperties() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.urls.read(List.of("http://user:sesame@etcd-0")))
			.withMessage("a.property contains 'http://etcd-0', with a user or password, which belongs in a.username");
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://user:sesame@etcd 0:2379", "user:sesame@etcd-0", "http://user:sesame@",
			"http://user:ses/ame@etcd-0", "http://etcd-0?password=sesame", "http://etcd-0#sesame" })
	void secretsAreNotShown(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> this.urls.read(List.of(text)))
			.withMessageNotContainingAny("sesame", "ame@");
	}

}
