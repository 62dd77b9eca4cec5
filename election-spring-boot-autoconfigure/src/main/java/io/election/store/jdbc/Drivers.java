package io.election.store.jdbc;

import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

import org.jspecify.annotations.Nullable;

/**
 * Finds the driver for a URL. {@link DriverManager} is asked last: in a servlet container
 * it may know the drivers of the container only, not those of the application.
 */
final class Drivers {

	/** How many drivers may be broken before all of them are taken to be. */
	private static final int MAX_BROKEN = 10;

	private Drivers() {
	}

	/**
	 * Finds the driver.
	 * @throws IllegalArgumentException if there is none
	 */
	static Driver find(JdbcSettings settings) {
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
		return driver.getClass().getName().equals("org.mariadb.jdbc.Driver");
	}

}
