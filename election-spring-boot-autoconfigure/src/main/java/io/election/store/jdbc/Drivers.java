package io.election.store.jdbc;

import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

import org.jspecify.annotations.Nullable;

/**
 * Finds the driver for a URL. {@link DriverManager} is asked last: in a servlet container
 * it may know the drivers of the container only, not those of the application.
 */
final class Drivers {

	private static final String MARIADB = "org.mariadb.jdbc.Driver";

	/** How many drivers may be broken before all of them are taken to be. */
	private static final int MAX_BROKEN = 10;

	/** By the class of the driver; the oldest with which the tests of stores succeed. */
	private static final Map<String, Minimum> MINIMUMS = Map.of("org.postgresql.Driver",
			new Minimum("org.postgresql:postgresql", 42, 2), "com.mysql.cj.jdbc.Driver",
			new Minimum("com.mysql:mysql-connector-j", 8, 0), MARIADB,
			new Minimum("org.mariadb.jdbc:mariadb-java-client", 3, 0));

	private Drivers() {
	}

	/**
	 * Finds the driver.
	 * @throws IllegalArgumentException if there is none, or if it is too old
	 */
	static Driver find(JdbcSettings settings) {
		Driver driver = any(settings);
		checkVersion(driver.getClass().getName(), driver.getMajorVersion(), driver.getMinorVersion());
		return driver;
	}

	/** Drivers say no more of their version than this. */
	static void checkVersion(String className, int major, int minor) {
		Minimum minimum = MINIMUMS.get(className);
		if (minimum != null && (major < minimum.major || (major == minimum.major && minor < minimum.minor))) {
			throw new IllegalArgumentException(
					String.format(Locale.ROOT, "The version of %s on the class path is %d.%d. Use %d.%d or newer",
							minimum.library, major, minor, minimum.major, minimum.minor));
		}
	}

	private static Driver any(JdbcSettings settings) {
		ClassLoader context = Thread.currentThread().getContextClassLoader();
		ClassLoader classLoader = (context != null) ? context : Drivers.class.getClassLoader();
		if (settings.driverClassName() != null) {
			return create(settings.driverClassName(), classLoader);
		}
		Driver driver = registered(settings.url(), classLoader);
		return (driver != null) ? driver : known(settings);
	}

	private static Driver create(String className, ClassLoader classLoader) {
		try {
			return Class.forName(className, true, classLoader)
				.asSubclass(Driver.class)
				.getDeclaredConstructor()
				.newInstance();
		}
		catch (ReflectiveOperationException | ClassCastException | LinkageError ex) {
			throw new IllegalArgumentException("The JDBC driver " + className + " cannot be used: " + ex, ex);
		}
	}

	private static @Nullable Driver registered(String url, ClassLoader classLoader) {
		Iterator<Driver> drivers = ServiceLoader.load(Driver.class, classLoader).iterator();
		for (int broken = 0; broken < MAX_BROKEN; broken++) {
			try {
				while (drivers.hasNext()) {
					Driver driver = drivers.next();
					if (driver.acceptsURL(url)) {
						return driver;
					}
				}
				return null;
			}
			catch (ServiceConfigurationError | SQLException ex) {
				// One that cannot be loaded, or cannot read the URL, is not the one; the
				// next may be
			}
		}
		return null;
	}

	private static Driver known(JdbcSettings settings) {
		try {
			return DriverManager.getDriver(settings.url());
		}
		catch (SQLException ex) {
			throw new IllegalArgumentException("No JDBC driver on the class path understands " + settings.shownUrl()
					+ ". Correct the URL, or add the driver", ex);
		}
	}

	static boolean isMariaDb(Driver driver) {
		return driver.getClass().getName().equals(MARIADB);
	}

	/**
	 * The oldest version of a driver that elections can use.
	 *
	 * @param library what it is called in a build
	 */
	private record Minimum(String library, int major, int minor) {
	}

}
