package io.election;

import java.time.Duration;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import org.springframework.context.ApplicationEvent;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/**
 * Holds who may import what.
 * <table>
 * <tr>
 * <th>package</th>
 * <th>may import, beside the JDK</th>
 * </tr>
 * <tr>
 * <td>{@code io.election}</td>
 * <td>Spring's {@link ApplicationEvent}</td>
 * </tr>
 * <tr>
 * <td>{@code core}</td>
 * <td>nothing, and of the JDK only {@code java.lang}, {@code java.util} and
 * {@link Duration}</td>
 * </tr>
 * <tr>
 * <td>{@code store}</td>
 * <td>{@code core}</td>
 * </tr>
 * <tr>
 * <td>{@code store.*}</td>
 * <td>{@code core}, {@code store}, its own client library, logging</td>
 * </tr>
 * <tr>
 * <td>{@code runtime}</td>
 * <td>{@code io.election}, {@code core}, {@code store}, Spring, logging</td>
 * </tr>
 * <tr>
 * <td>{@code actuate}</td>
 * <td>{@code io.election}, Spring, Micrometer</td>
 * </tr>
 * <tr>
 * <td>{@code integration}</td>
 * <td>{@code io.election}, Spring and Spring Integration</td>
 * </tr>
 * <tr>
 * <td>{@code autoconfigure}</td>
 * <td>everything; nobody imports it</td>
 * </tr>
 * </table>
 */
class ArchitectureTests {

	private static final JavaClasses ELECTION = new ClassFileImporter()
		.withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
		.withImportOption((location) -> !location.contains("/io/election/testing/"))
		.importPackages("io.election");

	private static final String[] JDBC = { "java.sql..", "javax.sql..", "com.mysql..", "com.zaxxer..", "org.mariadb..",
			"org.postgresql..", "org.springframework.boot.jdbc..", "org.springframework.jdbc.." };

	private static final String[] ETCD = { "io.etcd..", "io.grpc..", "io.netty..", "io.vertx.." };

	private static final String[] NATS = { "io.nats.." };

	private static final DescribedPredicate<JavaClass> JDK_WITHOUT_CLIENTS = resideInAnyPackage("java..", "javax.net..")
		.and(not(resideInAPackage("java.sql..")))
		.as("JDK");

	private static final DescribedPredicate<JavaClass> ROOT = resideInAPackage("io.election").as("io.election");

	private static final DescribedPredicate<JavaClass> CORE = resideInAPackage("io.election.core").as("core");

	private static final DescribedPredicate<JavaClass> STORE = resideInAPackage("io.election.store").as("store");

	private static final DescribedPredicate<JavaClass> NULLNESS = resideInAPackage("org.jspecify.annotations")
		.as("JSpecify");

	private static final DescribedPredicate<JavaClass> LOGGING = resideInAPackage("org.apache.commons.logging")
		.as("logging");

	@TestFactory
	Stream<DynamicTest> packagesKeepToTheirImports() {
		return Stream
			.of(everyClassIsInAPackageOfTheTable(), rootImportsOnlyApplicationEvent(), coreImportsNothing(),
					coreNeitherWaitsNorAsksForTheTime(), storeImportsOnlyCore(), storesImportOnlyTheirLibrary("memory"),
					storesImportOnlyTheirLibrary("jdbc", JDBC), storesImportOnlyTheirLibrary("etcd", ETCD),
					storesImportOnlyTheirLibrary("nats", "io.nats..", "javax.net.ssl"),
					runtimeImportsElectionCoreStoreAndSpring(), actuateImportsElectionAndSpring(),
					integrationImportsElectionAndSpring(), nobodyImportsAutoconfigure(),
					onlyTheirStoreImports("jdbc", JDBC), onlyTheirStoreImports("etcd", ETCD),
					onlyTheirStoreImports("nats", NATS), onlyRuntimeAndSomeStoresReadTheMonotonicClock(),
					onlyRuntimeAndNatsMakeThreads(), noCycles())
			.map((rule) -> DynamicTest.dynamicTest(rule.getDescription(),
					() -> rule.allowEmptyShould(true).check(ELECTION)));
	}

	private static ArchRule everyClassIsInAPackageOfTheTable() {
		return classes().should()
			.resideInAnyPackage("io.election", "io.election.core", "io.election.store", "io.election.store.*",
					"io.election.runtime", "io.election.autoconfigure..", "io.election.actuate",
					"io.election.integration")
			.as("every class is in a package of the table");
	}

	private static ArchRule rootImportsOnlyApplicationEvent() {
		return onlyImports("io.election", JDK_WITHOUT_CLIENTS.or(NULLNESS).or(ROOT).or(type(ApplicationEvent.class)));
	}

	private static ArchRule coreImportsNothing() {
		return onlyImports("io.election.core",
				resideInAnyPackage("java.lang", "java.lang.annotation", "java.lang.invoke", "java.lang.runtime",
						"java.util", "java.util.function", "java.util.stream")
					.or(type(Duration.class))
					.or(NULLNESS)
					.or(CORE)
					.as("java.lang, java.util, Duration"));
	}

	private static ArchRule coreNeitherWaitsNorAsksForTheTime() {
		return noClasses().that()
			.resideInAPackage("io.election.core..")
			.should()
			.dependOnClassesThat(belongToAnyOf(System.class, Thread.class, ThreadLocal.class))
			.as("core neither waits nor asks for the time");
	}

	private static ArchRule storeImportsOnlyCore() {
		return onlyImports("io.election.store", JDK_WITHOUT_CLIENTS.or(NULLNESS).or(CORE).or(STORE));
	}

	private static ArchRule storesImportOnlyTheirLibrary(String store, String... library) {
		String own = "io.election.store." + store;
		return onlyImports(own + "..",
				JDK_WITHOUT_CLIENTS.or(NULLNESS)
					.or(LOGGING)
					.or(CORE)
					.or(STORE)
					.or(resideInAPackage(own + ".."))
					.or(resideInAnyPackage(library))
					.as("JDK, core, store, logging and their library"));
	}

	private static ArchRule runtimeImportsElectionCoreStoreAndSpring() {
		return onlyImports("io.election.runtime..",
				JDK_WITHOUT_CLIENTS.or(NULLNESS)
					.or(LOGGING)
					.or(ROOT)
					.or(CORE)
					.or(STORE)
					.or(resideInAPackage("io.election.runtime.."))
					.or(resideInAPackage("org.springframework.."))
					.as("JDK, io.election, core, store, Spring and logging"));
	}

	private static ArchRule actuateImportsElectionAndSpring() {
		return onlyImports("io.election.actuate..",
				JDK_WITHOUT_CLIENTS.or(NULLNESS)
					.or(LOGGING)
					.or(ROOT)
					.or(resideInAnyPackage("io.election.actuate..", "org.springframework..", "io.micrometer.."))
					.as("JDK, io.election, Spring, Micrometer and logging"));
	}

	private static ArchRule integrationImportsElectionAndSpring() {
		return onlyImports("io.election.integration",
				JDK_WITHOUT_CLIENTS.or(NULLNESS)
					.or(ROOT)
					.or(resideInAnyPackage("io.election.integration", "org.springframework.."))
					.as("JDK, io.election and Spring"));
	}

	private static ArchRule nobodyImportsAutoconfigure() {
		return noClasses().that()
			.resideOutsideOfPackage("io.election.autoconfigure..")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("io.election.autoconfigure..")
			.as("nobody imports autoconfigure");
	}

	private static ArchRule onlyTheirStoreImports(String store, String... library) {
		return noClasses().that()
			.resideOutsideOfPackages("io.election.store." + store + "..", "io.election.autoconfigure..")
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage(library)
			.as("only store.%s and autoconfigure import %s".formatted(store, String.join(", ", library)));
	}

	/**
	 * A call to the JDBC store takes several round trips, and drivers bound each for
	 * itself: the store has to know how much of the call's time is left. So has that of
	 * NATS, which also has to know when it saw what it was told.
	 */
	private static ArchRule onlyRuntimeAndSomeStoresReadTheMonotonicClock() {
		return noClasses().that()
			.resideOutsideOfPackages("io.election.runtime..", "io.election.store.jdbc", "io.election.store.nats")
			.should()
			.callMethod(System.class, "nanoTime")
			.as("only runtime, store.jdbc and store.nats read the monotonic clock");
	}

	/**
	 * The threads that the client library of NATS would make for itself would keep a JVM
	 * alive.
	 */
	private static ArchRule onlyRuntimeAndNatsMakeThreads() {
		return noClasses().that()
			.resideOutsideOfPackages("io.election.runtime..", "io.election.store.nats")
			.and()
			.doNotHaveSimpleName("DataSourceConnector")
			.should()
			.callConstructorWhere(DescribedPredicate.describe("the target is a thread",
					(call) -> assignableTo(Thread.class).test(call.getTargetOwner())))
			.as("only runtime, store.nats and the connector of a DataSource without timeouts make threads");
	}

	private static ArchRule noCycles() {
		return slices().matching("io.election.(**)").should().beFreeOfCycles().as("no cycles between packages");
	}

	private static ArchRule onlyImports(String packageIdentifier, DescribedPredicate<JavaClass> allowed) {
		return classes().that()
			.resideInAPackage(packageIdentifier)
			.should()
			.onlyDependOnClassesThat(allowed)
			.as("%s imports only %s".formatted(packageIdentifier, allowed.getDescription()));
	}

}
