package io.election.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

import io.election.store.Backend;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.diagnostics.FailureAnalysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link BackendChoice}.
 */
class BackendChoiceTests {

	private final Option memory = new Option("memory", "has to be asked for");

	private final Option postgres = new Option("postgres", null);

	private final Option unconfiguredPostgres = new Option("postgres", "has no URL");

	private final Option other = new Option("other", null);

	@Test
	void takesTheOneThatIsAskedFor() {
		assertThat(choose("memory", this.memory, this.postgres)).isSameAs(this.memory.backend);
	}

	@Test
	void doesNotAskTheOthersWhetherTheyAreConfiguredIfOneIsAskedFor() {
		Option costly = new Option("postgres", null) {

			@Override
			public @Nullable String obstacle() {
				throw new IllegalStateException("must not be asked");
			}

		};
		assertThat(choose("memory", this.memory, costly)).isSameAs(this.memory.backend);
	}

	@Test
	void ignoresTheCaseOfLetters() {
		assertThat(choose("Postgres", this.memory, this.postgres)).isSameAs(this.postgres.backend);
	}

	@Test
	void takesTheNameOfTheProduct() {
		Option mysql = new Option("mysql", null);
		assertThat(choose("postgresql", this.memory, this.postgres)).isSameAs(this.postgres.backend);
		assertThat(choose("MariaDB", this.memory, mysql)).isSameAs(mysql.backend);
	}

	@Test
	void takesTheOnlyOneThatIsConfigured() {
		assertThat(choose(null, this.memory, this.postgres)).isSameAs(this.postgres.backend);
	}

	@Test
	void takesAnEmptyValueForNone() {
		assertThat(choose("", this.memory, this.postgres)).isSameAs(this.postgres.backend);
	}

	@Test
	void saysWhatThereIsIfTheOneThatIsAskedForIsUnknown() {
		FailureAnalysis analysis = refuse("redis", this.memory, this.postgres, this.other);
		assertThat(analysis.getDescription()).isEqualTo("election.backend is 'redis', which is not a known backend.");
		assertThat(analysis.getAction())
			.isEqualTo("Set election.backend to one of: etcd, memory, mysql, nats, other, postgres.");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			textBlock = """
					etcd       | io.etcd:jetcd-core:${jetcd.version}
					mysql      | com.mysql:mysql-connector-j or org.mariadb.jdbc:mariadb-java-client, in the version that Spring Boot manages
					mariadb    | com.mysql:mysql-connector-j or org.mariadb.jdbc:mariadb-java-client, in the version that Spring Boot manages
					nats       | io.nats:jnats:${jnats.version}
					postgresql | org.postgresql:postgresql, in the version that Spring Boot manages
					""")
	void namesTheDependencyAndItsVersionIfALibraryIsMissing(String name, String dependency) throws Exception {
		FailureAnalysis analysis = refuse(name, this.memory);
		assertThat(analysis.getDescription())
			.isEqualTo("election.backend is '%s', but its library is not on the class path.".formatted(name));
		assertThat(analysis.getAction()).isEqualTo("Add the dependency %s.".formatted(withVersions(dependency)));
	}

	/** With the versions that this project is built with. */
	private static String withVersions(String text) throws IOException {
		String pom = Files.readString(Path.of("..", "pom.xml"));
		return Pattern.compile("\\$\\{(.*)}")
			.matcher(text)
			.replaceAll((property) -> pom.split("</?" + property.group(1) + ">")[1]);
	}

	@Test
	void saysWhatEachLacksIfNoneIsConfigured() throws Exception {
		FailureAnalysis analysis = refuse(null, this.memory, this.unconfiguredPostgres);
		assertThat(analysis.getDescription().lines()).containsExactly(
				"election.backend is not set, and no backend is configured:",
				withVersions("    - etcd: needs the dependency io.etcd:jetcd-core:${jetcd.version}"),
				"    - memory: has to be asked for",
				"    - mysql: needs the dependency com.mysql:mysql-connector-j or org.mariadb.jdbc:mariadb-java-client, in the version "
						+ "that Spring Boot manages",
				withVersions("    - nats: needs the dependency io.nats:jnats:${jnats.version}"),
				"    - postgres: has no URL");
		assertThat(analysis.getAction()).contains("election.backend=memory", "election.enabled=false");
	}

	@Test
	void namesThoseThatAreConfiguredIfThereAreSeveral() {
		FailureAnalysis analysis = refuse(null, this.memory, this.postgres, this.other);
		assertThat(analysis.getDescription())
			.isEqualTo("election.backend is not set, and more than one backend is configured.");
		assertThat(analysis.getAction()).isEqualTo("Set election.backend to one of: other, postgres.");
	}

	private Backend choose(@Nullable String wanted, Option... options) {
		return new BackendChoice(List.of(options)).choose(wanted);
	}

	private FailureAnalysis refuse(@Nullable String wanted, Option... options) {
		return catchThrowableOfType(ElectionConfigurationException.class, () -> choose(wanted, options)).analysis();
	}

	private static class Option implements BackendOption {

		private final String name;

		private final @Nullable String obstacle;

		private final Backend backend = mock(Backend.class);

		Option(String name, @Nullable String obstacle) {
			this.name = name;
			this.obstacle = obstacle;
		}

		@Override
		public String name() {
			return this.name;
		}

		@Override
		public @Nullable String obstacle() {
			return this.obstacle;
		}

		@Override
		public Backend create() {
			return this.backend;
		}

	}

}
