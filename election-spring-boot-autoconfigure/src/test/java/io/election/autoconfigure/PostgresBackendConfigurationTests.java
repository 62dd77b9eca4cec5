package io.election.autoconfigure;

import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import io.election.store.Backend;
import io.election.store.jdbc.JdbcConnectionSetup;
import io.election.store.jdbc.JdbcCredentials;
import io.election.store.jdbc.JdbcSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.target.HotSwappableTargetSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link PostgresBackendConfiguration} and {@link JdbcConfiguration}. Nothing
 * is connected to.
 */
class PostgresBackendConfigurationTests {

	private static final String URL = "jdbc:postgresql://db:5433/app";

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class, DataSourceAutoConfiguration.class))
		.withPropertyValues("election.name=billing", "election.start=application-ready");

	private final ApplicationContextRunner withoutBoot = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(ElectionAutoConfiguration.class))
		.withPropertyValues("election.name=billing", "election.start=application-ready");

	@Test
	void settingsComeFromProperties() {
		this.withoutBoot
			.withPropertyValues("election.jdbc.url=" + URL, "election.jdbc.username=elect",
					"election.jdbc.password=secret", "election.jdbc.driver-class-name=org.postgresql.Driver",
					"election.jdbc.properties.sslmode=require", "election.jdbc.schema=ops",
					"election.jdbc.table-prefix=vote_", "election.jdbc.initialize-schema=never")
			.run((context) -> {
				assertSettings(settings(context), new JdbcSettings(URL, "org.postgresql.Driver", "elect", "secret",
						Map.of("sslmode", "require"), "ops", "vote_", false, 1));
				assertThat(context.getBean(Backend.class).name()).isEqualTo("postgres");
			});
	}

	@Test
	void settingsHaveDefaults() {
		this.withoutBoot.withPropertyValues("election.jdbc.url=" + URL)
			.run((context) -> assertSettings(settings(context),
					new JdbcSettings(URL, null, null, null, Map.of(), null, "election_", true, 1)));
	}

	@Test
	void settingsComeFromTheDataSourceOfTheApplication() {
		this.runner
			.withPropertyValues("spring.datasource.url=" + URL, "spring.datasource.username=app",
					"spring.datasource.password=secret", "spring.datasource.hikari.schema=sales",
					"spring.datasource.hikari.data-source-properties.sslmode=require")
			.run((context) -> {
				assertSettings(settings(context), new JdbcSettings(URL, "org.postgresql.Driver", "app", "secret",
						Map.of("sslmode", "require"), null, "election_", true, 1));
				assertThat(context.getBean(Backend.class).name()).isEqualTo("postgres");
				assertThat(context.getBean(HikariDataSource.class).isRunning()).isFalse();
			});
	}

	@Test
	void propertiesAreTakenInPlaceOfTheDataSource() {
		this.runner
			.withPropertyValues("spring.datasource.url=jdbc:postgresql://other/app", "spring.datasource.username=app",
					"spring.datasource.password=secret", "election.jdbc.url=" + URL)
			.run((context) -> assertSettings(settings(context),
					new JdbcSettings(URL, null, null, null, Map.of(), null, "election_", true, 1)));
	}

	@Test
	void electionsMayHaveAUserOfTheirOwnInTheDatabaseOfTheDataSource() {
		this.runner
			.withPropertyValues("spring.datasource.url=" + URL, "spring.datasource.username=app",
					"spring.datasource.password=secret",
					"spring.datasource.hikari.data-source-properties.sslmode=require", "election.jdbc.username=elect",
					"election.jdbc.properties.tcpKeepAlive=true", "election.jdbc.schema=ops")
			.run((context) -> assertSettings(settings(context), new JdbcSettings(URL, "org.postgresql.Driver", "elect",
					null, Map.of("sslmode", "require", "tcpKeepAlive", "true"), "ops", "election_", true, 1)));
	}

	@Test
	void aUserOfTheirOwnTakesThePlaceOfTheOneInTheUrlOfTheDataSource() {
		this.runner
			.withPropertyValues("spring.datasource.url=" + URL + "?user=app&sslmode=require&password=secret",
					"election.jdbc.username=elect", "election.jdbc.password=other")
			.run((context) -> assertThat(settings(context)).satisfies((settings) -> {
				assertThat(settings.url()).isEqualTo(URL + "?sslmode=require");
				assertThat(settings.credentials().get().username()).isEqualTo("elect");
				assertThat(settings.credentials().get().password()).isEqualTo("other");
			}));
	}

	@ParameterizedTest
	@MethodSource("wrappers")
	void settingsComeFromADataSourceThatIsWrapped(Function<DataSource, DataSource> wrapper) {
		HikariDataSource pool = pool(URL);
		this.withoutBoot.withBean(DataSource.class, () -> wrapper.apply(pool))
			.run((context) -> assertThat(settings(context).url()).isEqualTo(URL));
	}

	static Function<?, ?>[] wrappers() {
		return new Function<?, ?>[] { (dataSource) -> new DelegatingDataSource((DataSource) dataSource),
				(dataSource) -> new TransactionAwareDataSourceProxy(
						new LazyConnectionDataSourceProxy((DataSource) dataSource)),
				(dataSource) -> new ProxyFactory(dataSource).getProxy() };
	}

	@Test
	void settingsComeFromTheClassThatAPoolMakesItsConnectionsWith() {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSourceClassName(PGSimpleDataSource.class.getName());
		Properties properties = pool.getDataSourceProperties();
		properties.put("serverName", "db");
		properties.put("portNumber", 5433);
		properties.put("databaseName", "app");
		properties.put("sslMode", "require");
		properties.put("user", "app");
		properties.put("password", "secret");
		this.withoutBoot.withBean(DataSource.class, () -> pool)
			.run((context) -> assertThat(settings(context)).satisfies((settings) -> {
				assertThat(settings.url()).startsWith("jdbc:postgresql://db:5433/app?").contains("sslmode=require");
				assertThat(settings.credentials().get().username()).isEqualTo("app");
				assertThat(settings.credentials().get().password()).isEqualTo("secret");
			}));
	}

	@Test
	void settingsComeFromTheDataSourceThatAPoolMakesItsConnectionsWith() {
		PGSimpleDataSource driver = new PGSimpleDataSource();
		driver.setUrl(URL + "?sslmode=require");
		driver.setUser("app");
		driver.setPassword("secret");
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(driver);
		pool.setUsername("pool");
		this.withoutBoot.withBean(DataSource.class, () -> pool)
			.run((context) -> assertThat(settings(context)).satisfies((settings) -> {
				assertThat(settings.url()).startsWith(URL).contains("sslmode=require");
				assertThat(settings.credentials().get().username()).isEqualTo("pool");
				assertThat(settings.credentials().get().password()).isEqualTo("secret");
			}));
	}

	@Test
	void settingsComeFromThePrimaryOfSeveralDataSources() {
		this.withoutBoot.withBean("other", DataSource.class, () -> pool("jdbc:postgresql://other/app"))
			.withBean("main", DataSource.class, () -> pool(URL), (definition) -> definition.setPrimary(true))
			.run((context) -> assertThat(settings(context).url()).isEqualTo(URL));
	}

	@Test
	void settingsComeFromTheDataSourceForElections() {
		this.withoutBoot.withUserConfiguration(SeveralDataSources.class)
			.run((context) -> assertThat(settings(context).url()).isEqualTo(URL));
	}

	@Test
	void aDataSourceForElectionsThatTellsNothingIsTakenAsItIs() {
		this.withoutBoot.withUserConfiguration(MarkedDataSource.class)
			.withClassLoader(new FilteredClassLoader("com.mysql", "org.mariadb"))
			.withBean(JdbcConnectionDetails.class, Details::new)
			.run((context) -> {
				assertThat(settings(context).dataSource()).isSameAs(context.getBean("otherKind"));
				assertThat(context.getBean(Backend.class).name()).isEqualTo("postgres");
			});
	}

	@Test
	void theKindOfADataSourceThatTellsNothingHasToBeSaid() {
		this.withoutBoot.withUserConfiguration(MarkedDataSource.class)
			.run((context) -> assertThat(analyze(context).getAction())
				.isEqualTo("Set election.backend to one of: mysql, postgres."));
	}

	@Test
	void aDataSourceThatTellsNothingIsNotTakenUnlessItIsMarked() {
		this.withoutBoot.withPropertyValues("election.backend=postgres")
			.withBean("own", DataSource.class, () -> mock(DataSource.class))
			.run((context) -> assertThat(analyze(context).getDescription()).contains("the DataSource (own)",
					"@ElectionDataSource"));
	}

	@Test
	void credentialsAreAskedForEachTime() {
		HikariDataSource pool = pool(URL);
		this.withoutBoot.withBean(DataSource.class, () -> new LazyConnectionDataSourceProxy(pool)).run((context) -> {
			JdbcSettings settings = settings(context);
			pool.setUsername("first");
			pool.setPassword("one");
			assertThat(settings.credentials().get()).isEqualTo(new JdbcCredentials("first", "one"));
			pool.setUsername("second");
			pool.setPassword("two");
			assertThat(settings.credentials().get()).isEqualTo(new JdbcCredentials("second", "two"));
			AtomicInteger calls = new AtomicInteger();
			pool.setCredentialsProvider(() -> Credentials.of("vault", "lease-" + calls.incrementAndGet()));
			assertThat(settings.credentials().get()).isEqualTo(new JdbcCredentials("vault", "lease-1"));
			assertThat(settings.credentials().get()).isEqualTo(new JdbcCredentials("vault", "lease-2"));
		});
	}

	@Test
	void credentialsAreThoseOfThePoolThatTookThePlaceOfAnother() {
		HotSwappableTargetSource pools = new HotSwappableTargetSource(pool(URL));
		this.withoutBoot.withBean(DataSource.class, () -> (DataSource) ProxyFactory.getProxy(pools)).run((context) -> {
			JdbcSettings settings = settings(context);
			HikariDataSource refreshed = pool(URL);
			refreshed.setUsername("refreshed");
			pools.swap(refreshed);
			assertThat(settings.credentials().get().username()).isEqualTo("refreshed");
		});
	}

	@Test
	void credentialsOfConnectionDetailsAreAskedForEachTime() {
		AtomicInteger calls = new AtomicInteger();
		this.withoutBoot.withBean(JdbcConnectionDetails.class, () -> new Details() {

			@Override
			public String getPassword() {
				return "secret-" + calls.incrementAndGet();
			}

		}).run((context) -> {
			JdbcSettings settings = settings(context);
			int before = calls.get();
			assertThat(settings.credentials().get().password()).isEqualTo("secret-" + (before + 1));
			assertThat(settings.credentials().get().password()).isEqualTo("secret-" + (before + 2));
		});
	}

	@Test
	void whatThePoolDoesWithEachConnectionIsDone() {
		HikariDataSource pool = pool(URL);
		pool.setConnectionInitSql("SET ROLE owner");
		pool.setCatalog("app");
		pool.setSchema("Ärger.1");
		pool.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
		this.withoutBoot.withBean(DataSource.class, () -> pool)
			.run((context) -> assertThat(settings(context)).satisfies((settings) -> {
				assertThat(settings.setup()).isEqualTo(new JdbcConnectionSetup("app", "Ärger.1", "SET ROLE owner"));
				assertThat(settings.schema()).isNull();
			}));
	}

	@Test
	void whatThePoolExecutesIsNotForAUserOfTheElectionsOwn() {
		HikariDataSource pool = pool(URL);
		pool.setConnectionInitSql("SET ROLE owner");
		pool.setSchema("sales");
		this.withoutBoot.withPropertyValues("election.jdbc.username=elect")
			.withBean(DataSource.class, () -> pool)
			.run((context) -> assertThat(settings(context).setup())
				.isEqualTo(new JdbcConnectionSetup(null, "sales", null)));
	}

	@Test
	void settingsComeFromAnotherPool() {
		org.apache.tomcat.jdbc.pool.DataSource pool = new org.apache.tomcat.jdbc.pool.DataSource();
		pool.setUrl(URL);
		pool.setUsername("app");
		pool.setPassword("secret");
		pool.setConnectionProperties("sslmode=require");
		pool.setInitSQL("SET ROLE owner");
		this.withoutBoot.withClassLoader(new FilteredClassLoader(HikariDataSource.class))
			.withBean(DataSource.class, () -> new DelegatingDataSource(pool))
			.run((context) -> {
				JdbcSettings settings = settings(context);
				assertSettings(settings,
						new JdbcSettings(URL, null, settings.credentials(), Map.of("sslmode", "require"),
								new JdbcConnectionSetup(null, null, "SET ROLE owner"), null, null, "election_", true,
								1));
				assertThat(settings.credentials().get()).isEqualTo(new JdbcCredentials("app", "secret"));
			});
	}

	@Test
	void severalDataSourcesForElectionsAreExplained() {
		this.withoutBoot.withUserConfiguration(SeveralDataSources.class, MarkedDataSource.class)
			.run((context) -> assertThat(analyze(context).getDescription())
				.isEqualTo("Several DataSources are marked with @ElectionDataSource."));
	}

	@Test
	void severalDataSourcesWithoutAPrimaryOneAreExplained() {
		this.withoutBoot.withPropertyValues("election.backend=postgres")
			.withBean("one", DataSource.class, () -> pool(URL))
			.withBean("two", DataSource.class, () -> pool(URL))
			.run((context) -> assertThat(analyze(context).getDescription())
				.startsWith("election.backend is 'postgres', but there are several DataSources (one, two), and none"));
	}

	@Test
	void settingsComeFromConnectionDetailsIfTheDataSourceIsOfAnotherKind() {
		this.withoutBoot.withBean(DataSource.class, () -> mock(DataSource.class))
			.withBean(JdbcConnectionDetails.class, Details::new)
			.run((context) -> assertSettings(settings(context), new JdbcSettings(URL, "org.postgresql.Driver", "app",
					"secret", Map.of(), null, "election_", true, 1)));
	}

	@Test
	void settingsComeFromConnectionDetailsWithoutHikari() {
		this.withoutBoot.withClassLoader(new FilteredClassLoader(HikariDataSource.class))
			.withBean(JdbcConnectionDetails.class, Details::new)
			.run((context) -> assertThat(settings(context).url()).isEqualTo(URL));
	}

	@Test
	void settingsComeFromPropertiesWithoutBootsJdbcAndHikari() {
		this.withoutBoot
			.withClassLoader(
					new FilteredClassLoader("com.zaxxer", "org.springframework.boot.jdbc", "org.springframework.jdbc"))
			.withPropertyValues("election.jdbc.url=" + URL)
			.run((context) -> assertThat(settings(context).url()).isEqualTo(URL));
	}

	@Test
	void hikariIsReadWithoutBootsJdbc() {
		this.withoutBoot.withClassLoader(new FilteredClassLoader(DataSourceUnwrapper.class))
			.withBean(DataSource.class, () -> pool(URL))
			.run((context) -> assertThat(settings(context).url()).isEqualTo(URL));
	}

	@Test
	void aMissingDriverIsExplained() {
		this.withoutBoot.withPropertyValues("election.backend=postgres")
			.withClassLoader(new FilteredClassLoader(Driver.class))
			.run((context) -> assertThat(analyze(context).getAction())
				.startsWith("Add the dependency org.postgresql:postgresql,"));
	}

	@Test
	void missingSettingsAreExplained() {
		this.withoutBoot.withPropertyValues("election.backend=postgres")
			.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
				assertThat(analysis.getDescription())
					.startsWith("election.backend is 'postgres', but there is neither election.jdbc.url nor");
				assertThat(analysis.getAction()).startsWith("Set election.jdbc.url");
			}));
	}

	@Test
	void missingSettingsOfEveryBackendAreExplained() {
		this.withoutBoot.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
			assertThat(analysis.getDescription())
				.startsWith("election.backend is not set, and no backend is configured")
				.contains("- memory: ", "- postgres: there is neither election.jdbc.url");
			assertThat(analysis.getAction()).contains("election.backend=memory");
		}));
	}

	@Test
	void aDatabaseThatIsNoBackendIsExplained() {
		this.withoutBoot.withPropertyValues("election.backend=postgres")
			.withBean(DataSource.class, () -> pool("jdbc:h2:mem:test;PASSWORD=secret"))
			.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
				assertThat(analysis.getDescription())
					.isEqualTo("election.backend is 'postgres', but the DataSource is for jdbc:h2.");
				assertThat(analysis.getAction()).contains("election.backend=memory");
			}));
	}

	@Test
	void aDatabaseThatIsNoBackendIsNotTaken() {
		this.withoutBoot.withBean(DataSource.class, () -> pool("jdbc:h2:mem:test;PASSWORD=secret"))
			.run((context) -> assertThat(analyze(context)).satisfies((analysis) -> {
				assertThat(analysis.getDescription()).contains("- postgres: the DataSource is for jdbc:h2")
					.doesNotContain("secret");
				assertThat(analysis.getAction()).contains("election.backend=memory");
			}));
	}

	@Test
	void aSettingThatCannotBeUsedIsExplained() {
		this.withoutBoot.withPropertyValues("election.jdbc.url=" + URL, "election.jdbc.table-prefix=a b")
			.run((context) -> assertThat(analyze(context).getDescription()).contains("election.jdbc.table-prefix")
				.contains("a b"));
	}

	@Test
	void theDataSourceIsNotAskedForIfAnotherBackendIs() {
		AtomicBoolean asked = new AtomicBoolean();
		this.withoutBoot.withPropertyValues("election.backend=memory").withBean(DataSource.class, () -> {
			asked.set(true);
			return pool(URL);
		}, (definition) -> definition.setLazyInit(true)).run((context) -> {
			assertThat(context.getBean(Backend.class).name()).isEqualTo("memory");
			assertThat(asked).isFalse();
		});
	}

	@Test
	void secretsAreNotShown() {
		assertThat(new JdbcAccess("a test", URL + "?password=secret", () -> new JdbcCredentials("app", "secret"), null))
			.hasToString("a test for jdbc:postgresql");
	}

	/** Compares what there is to compare; credentials are asked for. */
	static void assertSettings(JdbcSettings actual, JdbcSettings expected) {
		assertThat(actual).usingRecursiveComparison().ignoringFields("credentials", "setup").isEqualTo(expected);
		assertThat(actual.credentials().get()).isEqualTo(expected.credentials().get());
	}

	private static HikariDataSource pool(String url) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(url);
		return pool;
	}

	private JdbcSettings settings(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed();
		return context.getBean("postgresBackendOption", JdbcBackendOption.class).settings();
	}

	private FailureAnalysis analyze(AssertableApplicationContext context) {
		assertThat(context).hasFailed();
		FailureAnalysis analysis = new ElectionConfigurationFailureAnalyzer().analyze(context.getStartupFailure());
		assertThat(analysis).as("analysis of %s", context.getStartupFailure()).isNotNull();
		return analysis;
	}

	private static class Details implements JdbcConnectionDetails {

		@Override
		public String getUsername() {
			return "app";
		}

		@Override
		public String getPassword() {
			return "secret";
		}

		@Override
		public String getJdbcUrl() {
			return URL;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class MarkedDataSource {

		@Bean
		@ElectionDataSource
		DataSource otherKind() {
			return mock(DataSource.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SeveralDataSources {

		@Bean
		@Primary
		DataSource main() {
			return pool("jdbc:postgresql://other/app");
		}

		@Bean
		@ElectionDataSource
		DataSource elections() {
			return pool(URL);
		}

	}

}
