package io.election.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfigMXBean;
import com.zaxxer.hikari.HikariDataSource;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.util.ClassUtils;

/**
 * Reads how a pool of HikariCP reaches its database, without taking a connection from it.
 */
class HikariJdbcAccessSource implements JdbcAccessSource {

	private static final String ORIGIN = "the DataSource";

	private final ObjectProvider<DataSource> marked;

	private final ObjectProvider<DataSource> any;

	/**
	 * Creates a source.
	 * @param marked data sources with {@link ElectionDataSource}
	 * @param any all data sources
	 */
	HikariJdbcAccessSource(ObjectProvider<DataSource> marked, ObjectProvider<DataSource> any) {
		this.marked = marked;
		this.any = any;
	}

	@Override
	public @Nullable JdbcAccess find() {
		List<DataSource> marked = this.marked.stream().toList();
		JdbcAccess access = find((marked.size() == 1) ? marked.get(0) : this.any.getIfUnique());
		if (marked.size() > 1 || (!marked.isEmpty() && access == null)) {
			// Elections in another database than the one that is meant would go unnoticed
			throw new ElectionConfigurationException(
					(marked.size() > 1) ? "Several DataSources are marked with @ElectionDataSource."
							: "The DataSource that is marked with @ElectionDataSource is none of HikariCP with a URL.",
					"Mark one DataSource of HikariCP, or set election.jdbc.url.");
		}
		return access;
	}

	private @Nullable JdbcAccess find(@Nullable DataSource dataSource) {
		HikariDataSource pool = (dataSource != null)
				? DataSourceUnwrapper.unwrap(dataSource, HikariConfigMXBean.class, HikariDataSource.class) : null;
		if (pool == null) {
			return null;
		}
		if (pool.getDataSource() != null) {
			return ofDriver(pool, pool.getDataSource());
		}
		if (pool.getDataSourceClassName() != null) {
			return ofDriver(pool, newDataSource(pool.getDataSourceClassName(), pool.getDataSourceProperties()));
		}
		if (pool.getJdbcUrl() == null) {
			return null;
		}
		return new JdbcAccess(ORIGIN, pool.getJdbcUrl(), pool.getUsername(), pool.getPassword(),
				pool.getDriverClassName(), asMap(pool.getDataSourceProperties()), pool.getSchema());
	}

	/**
	 * How the driver's own kind of data source reaches its database. Those of PostgreSQL,
	 * MySQL and MariaDB all tell their URL, with the properties in it.
	 */
	private @Nullable JdbcAccess ofDriver(HikariDataSource pool, DataSource driver) {
		BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(driver);
		String url = read(properties, "url");
		if (url == null) {
			return null;
		}
		String username = (pool.getUsername() != null) ? pool.getUsername() : read(properties, "user");
		String password = (pool.getPassword() != null) ? pool.getPassword() : read(properties, "password");
		return new JdbcAccess(ORIGIN, url, username, password, null, Map.of(), pool.getSchema());
	}

	private @Nullable String read(BeanWrapper properties, String name) {
		return properties.isReadableProperty(name) ? (String) properties.getPropertyValue(name) : null;
	}

	private DataSource newDataSource(String className, Properties properties) {
		DataSource dataSource = (DataSource) BeanUtils
			.instantiateClass(ClassUtils.resolveClassName(className, getClass().getClassLoader()));
		PropertyAccessorFactory.forBeanPropertyAccess(dataSource).setPropertyValues(properties);
		return dataSource;
	}

	private Map<String, String> asMap(Properties properties) {
		Map<String, String> map = new LinkedHashMap<>();
		// Values need not be strings
		properties.forEach((name, value) -> map.put(name.toString(), value.toString()));
		return map;
	}

}
