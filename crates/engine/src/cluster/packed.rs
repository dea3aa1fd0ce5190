//! Values as bytes, for what nodes say to each other: no names of fields, as in the real ones' protocol buffers.
//!
//! JSON would do as well, but what reads a field by its name is four times as much program, for each type that travels.
//! Numbers are LEB128, texts and lists have their length before them, variants their number.
//! A field that is left out where it has its default is a byte that says so: the crates there are for such formats
//! (postcard, bincode) write nothing for it and cannot read the rest then, and the API's types leave out many.

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer as _, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use serde::ser::{self, Serialize};
use std::fmt;

/// The value's bytes; `None` for one that has no such form.
pub(super) fn to_bytes(value: &impl Serialize) -> Option<Vec<u8>> {
    let mut writer = Writer(Vec::new());
    value.serialize(&mut writer).ok()?;
    Some(writer.0)
}

/// The value of these bytes; `None` if they are none.
pub(super) fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    T::deserialize(&mut Reader(bytes)).ok()
}

/// Why it does not work: nobody is told more.
#[derive(Debug)]
struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("malformed")
    }
}

impl std::error::Error for Malformed {}

impl ser::Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl de::Error for Malformed {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Result<T> = std::result::Result<T, Malformed>;

/// Positive and negative numbers in turn, so that small ones of both kinds are short.
const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

const fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

struct Writer(Vec<u8>);

impl Writer {
    fn number(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn field(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.0.push(1);
        value.serialize(self)
    }

    fn left_out(&mut self) {
        self.0.push(0);
    }

    fn counted(&mut self, count: Option<usize>) -> Result<&mut Self> {
        self.number(count.ok_or(Malformed)? as u64);
        Ok(self)
    }

    fn variant(&mut self, index: u32) -> &mut Self {
        self.number(index.into());
        self
    }
}

macro_rules! write_numbers {
    ($($method:ident: $type:ty),* => $with:expr) => {
        $(fn $method(self, number: $type) -> Result<()> {
            self.number($with(number.into()));
            Ok(())
        })*
    };
}

impl ser::Serializer for &mut Writer {
    type Ok = ();
    type Error = Malformed;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    write_numbers!(
        serialize_bool: bool, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_char: char => std::convert::identity::<u64>
    );
    write_numbers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64 => zigzag);

    fn serialize_f32(self, number: f32) -> Result<()> {
        self.serialize_u32(number.to_bits())
    }

    fn serialize_f64(self, number: f64) -> Result<()> {
        self.serialize_u64(number.to_bits())
    }

    fn serialize_str(self, text: &str) -> Result<()> {
        self.bytes(text.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<()> {
        self.bytes(bytes);
        Ok(())
    }

    fn serialize_none(self) -> Result<()> {
        self.left_out();
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        self.field(value)
    }

    fn serialize_unit(self) -> Result<()> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, _: &'static str) -> Result<()> {
        self.variant(index);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self.variant(index))
    }

    fn serialize_seq(self, count: Option<usize>) -> Result<Self> {
        self.counted(count)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self> {
        Ok(self.variant(index))
    }

    fn serialize_map(self, count: Option<usize>) -> Result<Self> {
        self.counted(count)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self> {
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self> {
        Ok(self.variant(index))
    }
}

macro_rules! write_items {
    ($($kind:ident: $method:ident),*) => {
        $(impl ser::$kind for &mut Writer {
            type Ok = ();
            type Error = Malformed;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<()> {
                Ok(())
            }
        })*
    };
}

write_items!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

macro_rules! write_fields {
    ($($kind:ident),*) => {
        $(impl ser::$kind for &mut Writer {
            type Ok = ();
            type Error = Malformed;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Result<()> {
                self.field(value)
            }

            fn skip_field(&mut self, _: &'static str) -> Result<()> {
                self.left_out();
                Ok(())
            }

            fn end(self) -> Result<()> {
                Ok(())
            }
        })*
    };
}

write_fields!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Malformed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        value.serialize(&mut **self)
    }

    fn end(self) -> Result<()> {
        Ok(())
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn number(&mut self) -> Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    fn length(&mut self) -> Result<usize> {
        usize::try_from(self.number()?).or(Err(Malformed))
    }

    fn bytes(&mut self) -> Result<&'a [u8]> {
        let length = self.length()?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).or(Err(Malformed))
    }

    const fn items(&mut self, left: usize, may_be_left_out: bool) -> Items<'_, 'a> {
        Items {
            reader: self,
            left,
            may_be_left_out,
        }
    }
}

macro_rules! read_numbers {
    ($($method:ident: $visit:ident),* => $with:expr) => {
        $(fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
            let number = self.number()?;
            visitor.$visit($with(number).try_into().or(Err(Malformed))?)
        })*
    };
}

macro_rules! read_nothing {
    ($($method:ident),*) => {
        $(fn $method<V: Visitor<'a>>(self, _: V) -> Result<V::Value> {
            Err(Malformed)
        })*
    };
}

impl<'a> de::Deserializer<'a> for &mut Reader<'a> {
    type Error = Malformed;

    read_numbers!(
        deserialize_u8: visit_u8, deserialize_u16: visit_u16, deserialize_u32: visit_u32, deserialize_u64: visit_u64
        => std::convert::identity::<u64>
    );
    read_numbers!(
        deserialize_i8: visit_i8, deserialize_i16: visit_i16, deserialize_i32: visit_i32, deserialize_i64: visit_i64
        => unzigzag
    );
    // These need the data to say what it is.
    read_nothing!(
        deserialize_any,
        deserialize_identifier,
        deserialize_ignored_any
    );

    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bool(self.number()? != 0)
    }

    fn deserialize_char<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        let code = u32::try_from(self.number()?).or(Err(Malformed))?;
        visitor.visit_char(char::from_u32(code).ok_or(Malformed)?)
    }

    fn deserialize_f32<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        let bits = u32::try_from(self.number()?).or(Err(Malformed))?;
        visitor.visit_f32(f32::from_bits(bits))
    }

    fn deserialize_f64<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_f64(f64::from_bits(self.number()?))
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_str(self.text()?)
    }

    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bytes(self.bytes()?)
    }

    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_bytes(self.bytes()?)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        if self.byte()? == 0 {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        let count = self.length()?;
        visitor.visit_seq(self.items(count, false))
    }

    fn deserialize_tuple<V: Visitor<'a>>(self, count: usize, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(self.items(count, false))
    }

    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        count: usize,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_seq(self.items(count, false))
    }

    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        let count = self.length()?;
        visitor.visit_map(self.items(count, false))
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_seq(self.items(fields.len(), true))
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_enum(self)
    }
}

/// What a list, a map or a value with fields holds.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    left: usize,
    may_be_left_out: bool,
}

impl Items<'_, '_> {
    /// Whether another one follows.
    fn follows(&mut self) -> Result<bool> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(false);
        };
        self.left = left;
        Ok(!self.may_be_left_out || self.reader.byte()? != 0)
    }
}

impl<'a> SeqAccess<'a> for Items<'_, 'a> {
    type Error = Malformed;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        // Of a field that was left out, the type knows the default.
        if self.follows()? {
            seed.deserialize(&mut *self.reader).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<'a> MapAccess<'a> for Items<'_, 'a> {
    type Error = Malformed;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value> {
        seed.deserialize(&mut *self.reader)
    }
}

impl<'a> EnumAccess<'a> for &mut Reader<'a> {
    type Error = Malformed;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, Self)> {
        let index = u32::try_from(self.number()?).or(Err(Malformed))?;
        let deserializer: de::value::U32Deserializer<Malformed> = index.into_deserializer();
        Ok((seed.deserialize(deserializer)?, self))
    }
}

impl<'a> VariantAccess<'a> for &mut Reader<'a> {
    type Error = Malformed;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'a>>(self, count: usize, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(self.items(count, false))
    }

    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_seq(self.items(fields.len(), true))
    }
}

#[cfg(test)]
mod tests {
    use super::{from_bytes, to_bytes};
    use serde::{Deserialize, Serialize};
    use sorted::SortedMap;

    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    struct Thing {
        #[serde(skip_serializing_if = "String::is_empty")]
        name: String,
        number: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        ratio: Option<f32>,
        parts: SortedMap<String, Vec<(u16, Part)>>,
        done: bool,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Part {
        Whole,
        Of(Box<Self>),
        Pair(u8, u64),
        Named { why: Result<String, ()>, sign: char },
    }

    fn thing() -> Thing {
        let named = Part::Named {
            why: Ok("so".into()),
            sign: 'ß',
        };
        let parts = vec![
            (1, Part::Whole),
            (300, Part::Of(Box::new(Part::Pair(7, u64::MAX)))),
            (u16::MAX, named),
        ];
        Thing {
            number: i64::MIN,
            ratio: Some(0.25),
            parts: [("some".to_owned(), parts)].into(),
            ..Thing::default()
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for thing in [
            thing(),
            Thing {
                name: "x".into(),
                done: true,
                ..Thing::default()
            },
        ] {
            assert_eq!(from_bytes::<Thing>(&to_bytes(&thing).unwrap()), Some(thing));
        }
    }

    #[test]
    fn a_field_that_is_left_out_takes_a_byte() {
        assert_eq!(
            to_bytes(&Thing::default()).unwrap(),
            [0, 1, 0, 0, 1, 0, 1, 0]
        );
    }

    #[test]
    fn a_part_of_the_bytes_is_nothing() {
        let bytes = to_bytes(&thing()).unwrap();
        for end in 0..bytes.len() {
            assert_eq!(from_bytes::<Thing>(&bytes[..end]), None, "{end}");
        }
        assert_eq!(from_bytes::<Vec<String>>(&[0xff; 12]), None);
    }
}
